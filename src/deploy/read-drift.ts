import { DeployError } from '../errors.ts';
import { refKey } from '../model/object.ts';
import type { ApplicationStatus } from '../model/status.ts';
import type { Place } from '../releases/place.ts';
import { driftsOf } from './drift.ts';
import { readLedger } from './ledger.ts';

/** The newest release and what was changed by hand since; nothing where it may not be read. */
export async function readDrift(
  place: Place,
  signal: AbortSignal,
): Promise<Pick<ApplicationStatus, 'release' | 'drift'>> {
  try {
    const { releases, latest } = await readLedger(place, signal);
    const [release] = releases;
    if (release === undefined) return {};
    const objects = latest?.status === 'deployed' ? latest.objects : [];
    const live = await Promise.all(
      objects.map(async ({ ref }) => [refKey(ref), await place.cluster.get(ref, signal)] as const),
    );
    const byKey = new Map(live);
    return { release, drift: driftsOf(latest, (ref) => byKey.get(refKey(ref))) };
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return {};
    throw error;
  }
}
