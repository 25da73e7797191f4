import type { Host } from '../events.ts';
import type { PlanAnchor } from './anchor.ts';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import { anchored } from './plan-file.ts';
import { type PlanningRequest, planDeploy } from './planning.ts';
import { rollBackFailed } from './recovery.ts';
import type { Deployed } from './run-release.ts';

export interface DeployRequest extends PlanningRequest, Omit<CarryOutOptions, 'onFailure'> {
  /** Go back to the last good release where this one fails; so long that may take, in milliseconds. */
  readonly rollbackTimeoutMs?: number | undefined;
  /** Only as this saved plan says. */
  readonly anchor?: PlanAnchor | undefined;
}

/** The main job: target -> inputs -> render -> plan, and then carry it out. */
export async function deploy(request: DeployRequest, host: Host, signal: AbortSignal): Promise<Deployed> {
  const planned = await planDeploy(request, host, signal);
  const { rollbackTimeoutMs, anchor } = request;
  const recovery: Pick<CarryOutOptions, 'onFailure'> =
    rollbackTimeoutMs === undefined
      ? {}
      : {
          onFailure: (error, failed, lock, both) =>
            rollBackFailed({ error, failed, lock }, { ...request, timeoutMs: rollbackTimeoutMs }, host, both),
        };
  try {
    const held = anchor === undefined ? planned : await anchored(planned, anchor);
    return await carryOut(held, { ...request, ...recovery }, host, signal);
  } finally {
    planned.cluster.close();
  }
}
