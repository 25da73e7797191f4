import { DeployError } from '../errors.ts';
import { refKey } from '../model/object.ts';
import type { ApplicationStatus } from '../model/status.ts';
import type { Place } from '../releases/place.ts';
import { driftsOf } from './drift.ts';
import { readLedger } from './ledger.ts';

/** What the records say of an application. */
export interface Recollected extends Pick<ApplicationStatus, 'release' | 'drift'> {
  /** The other namespaces in which the newest release has objects. */
  readonly elsewhere?: readonly string[];
}

/** The newest release and what was changed by hand since; nothing where it may not be read. */
export async function readDrift(place: Place, signal: AbortSignal): Promise<Recollected> {
  try {
    const { releases, latest } = await readLedger(place, signal);
    const [release] = releases;
    if (release === undefined) return {};
    const objects = latest?.status === 'deployed' ? latest.objects : [];
    const live = await Promise.all(
      objects.map(async ({ ref }) => [refKey(ref), await place.cluster.get(ref, signal)] as const),
    );
    const byKey = new Map(live);
    const namespaces = new Set((latest?.objects ?? []).flatMap(({ ref }) => ref.namespace ?? []));
    namespaces.delete(place.namespace);
    return { release, elsewhere: [...namespaces], drift: driftsOf(latest, (ref) => byKey.get(refKey(ref))) };
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return {};
    throw error;
  }
}
