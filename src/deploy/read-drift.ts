import { DeployError } from '../errors.ts';
import { isPartOf } from '../manifests/stamp.ts';
import { refKey } from '../model/object.ts';
import type { ApplicationStatus } from '../model/status.ts';
import type { Place } from '../releases/place.ts';
import { holdsData } from './deletions.ts';
import { driftsOf } from './drift.ts';
import { readLedger } from './ledger.ts';

/** What the records say of an application. */
export interface Recollected extends Pick<ApplicationStatus, 'release' | 'drift' | 'isGone'> {
  /** Whose releases they are, where there is one. */
  readonly recorded?: string;
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
    const known = { release, recorded: place.application, elsewhere: [...namespaces] };
    // Who deletes all of it, or takes it over into another application, has changed nothing by hand.
    const goes = objects.filter(({ ref }) => ref.kind !== 'Namespace' && !holdsData(ref));
    const isGone =
      goes.length > 0 &&
      goes.every(({ ref }) => {
        const one = byKey.get(refKey(ref));
        return one === undefined || !isPartOf(one, place.application);
      });
    if (isGone) return { ...known, isGone, drift: [] };
    return { ...known, drift: driftsOf(latest, (ref) => byKey.get(refKey(ref))) };
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return {};
    throw error;
  }
}
