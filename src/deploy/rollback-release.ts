import { DeployError, isFailure } from '../errors.ts';
import type { Host } from '../events.ts';
import type { Release } from '../model/release.ts';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import { goalText } from './goal-text.ts';
import { openPlace, type PlaceRequest } from './open-place.ts';
import { bothFailed } from './recovery.ts';
import { planRollback, type RollbackOptions } from './rollback.ts';
import type { Deployed } from './run-release.ts';

export interface RollbackRequest extends RollbackOptions, CarryOutOptions {
  readonly place: PlaceRequest;
}

/**
 * Goes back to an earlier release, which makes a new one.
 *
 * @throws DeployError as `deploy`; where the newest release had failed, with its failure, too.
 */
export async function rollBack(request: RollbackRequest, host: Host, signal: AbortSignal): Promise<Deployed> {
  const place = await openPlace(request.place, host, signal);
  try {
    const planned = await planRollback(place, request, host, signal);
    const { latest, releases } = planned.ledger;
    const message = goalText(planned.desired.action, releases, planned.plan, place.cluster.now());
    host.emit({ type: 'step', name: 'rollback', message });
    try {
      return await carryOut(planned, request, host, signal);
    } catch (error) {
      if (!isFailure(error) || latest?.status !== 'failed') throw error;
      throw bothFailed(failureOf(latest), error, latest.number);
    }
  } finally {
    place.cluster.close();
  }
}

function failureOf({ message, findings }: Release): DeployError {
  return new DeployError('failed', message ?? 'It failed.', { findings });
}
