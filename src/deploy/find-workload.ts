import { DeployError } from '../errors.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey, refOf } from '../model/object.ts';
import type { Release } from '../model/release.ts';
import type { Place } from '../releases/place.ts';
import { manifestOf, recordedIn } from '../releases/recorded.ts';
import { readLedger } from './ledger.ts';
import { chooseWorkload, rolloutKinds, rollsOut } from './workload-name.ts';

/** A workload as it is, and the manifest by which it is judged. */
export interface Workload {
  readonly ref: ObjectRef;
  readonly live: KubernetesObject;
  readonly manifest: Manifest;
}

/**
 * The live workload that a name means: one of the newest release; where there is no release, one of the namespace.
 *
 * @throws DeployError `usage` where it isn't clear which one is meant, `refused` where it is gone.
 */
export async function findWorkload(place: Place, name: string, signal: AbortSignal): Promise<Workload> {
  const { latest } = await readLedger(place, signal);
  return latest === undefined ? liveWorkload(place, name, signal) : recordedWorkload(place, name, latest, signal);
}

/** The workload of a release that a name means. */
export function workloadOf(release: Release, name: string, { application, namespace }: Place): ObjectRef {
  const refs = release.objects.map(({ ref }) => ref).filter(rollsOut);
  return chooseWorkload(name, refs, namespace, `release ${release.number} of ${application}`);
}

async function recordedWorkload(place: Place, name: string, release: Release, signal: AbortSignal): Promise<Workload> {
  const ref = workloadOf(release, name, place);
  const live = await place.cluster.get(ref, signal);
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) {
    const state = live === undefined ? 'is not in the cluster' : 'is being deleted';
    throw new DeployError('refused', `${formatRef(ref)} ${state}. Nothing was changed.`, {
      why: `Release ${release.number} has it.`,
      fix: 'Bring it back: oms-deploy up.',
    });
  }
  const recorded = recordedIn(release, ref);
  const manifest = recorded === undefined ? manifestFrom(live) : manifestOf(recorded, release.number);
  return { ref, live, manifest };
}

async function liveWorkload({ cluster, namespace }: Place, name: string, signal: AbortSignal): Promise<Workload> {
  const lists = await Promise.all(
    rolloutKinds.map((kind) => cluster.list({ apiVersion: 'apps/v1', kind, namespace }, signal)),
  );
  const there = lists.flatMap(({ items }) => items);
  const ref = chooseWorkload(name, there.map(refOf), namespace, `the namespace ${namespace}`);
  const live = there.find((object) => refKey(refOf(object)) === refKey(ref));
  if (live === undefined) throw new Error('the workload was chosen among these');
  return { ref, live, manifest: manifestFrom(live) };
}

/** Nothing but the cluster knows of it. */
function manifestFrom(live: KubernetesObject): Manifest {
  return { ref: refOf(live), body: live, origin: { file: '(in the cluster)', line: 1 }, lineOf: () => undefined };
}
