import type { Cluster } from '../cluster/cluster.ts';
import { isForbidden } from '../cluster/errors.ts';
import type { Scope } from '../cluster/lists.ts';
import { DeployError } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import { groupBy } from '../model/group.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import type { Places } from './places.ts';
import { forbiddenFinding } from './refusals.ts';

/** The objects of manifests as they are in the cluster, by key. */
export interface LiveObjects {
  readonly live: ReadonlyMap<string, KubernetesObject>;
  /** What is to be said of those that may not be read: nobody knows whether they are there. */
  readonly refusals: ReadonlyMap<string, Finding>;
}

/** From so many objects of one kind in one namespace on they are listed, a few hundred a request. */
const listedFrom = 20;

/** A list ends when it has brought so many objects that nobody asked for: the others are read one by one. */
const foreignLimit = 2_000;

/** An object to read; `ref` is what its manifest calls it, `apiVersion` how the cluster serves it. */
interface Wanted {
  readonly ref: ObjectRef;
  readonly apiVersion: string;
}

/** Reads the objects. One that may not be read is a finding: what else is missing is told in the same run. */
export async function readLive(
  manifests: readonly Pick<Manifest, 'ref'>[],
  places: Places,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<LiveObjects> {
  const discovery = await cluster.discovery(signal);
  const live = new Map<string, KubernetesObject>();
  const refusals = new Map<string, Finding>();
  const wanted = manifests.flatMap(({ ref }): readonly Wanted[] => {
    const key = refKey(ref);
    const known = places.read.get(key);
    if (known !== undefined) live.set(key, known);
    if (places.read.has(key) || places.of(ref).namespaceState !== 'exists') return [];
    // In a version that is still to come it can be there in another one.
    const apiVersion = discovery.find(ref) === undefined ? discovery.versionsOf(ref)[0] : ref.apiVersion;
    return apiVersion === undefined ? [] : [{ ref, apiVersion }];
  });
  const readOne = async ({ ref, apiVersion }: Wanted): Promise<void> => {
    try {
      const object = await cluster.get({ ...ref, apiVersion }, signal);
      if (object !== undefined) live.set(refKey(ref), object);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      refusals.set(refKey(ref), forbiddenFinding(error, ref));
    }
  };
  const readGroup = async (group: readonly Wanted[]): Promise<void> => {
    const rest = group.length < listedFrom ? group : await listGroup(group, live, cluster, signal);
    await Promise.all(rest.map(readOne));
  };
  const groups = groupBy(wanted, ({ ref, apiVersion }) => [apiVersion, ref.kind, ref.namespace ?? ''].join(' '));
  await Promise.all([...groups.values()].map(readGroup));
  return { live, refusals };
}

/** Lists objects of one kind and place into `live`; returns those of which that has told nothing. */
async function listGroup(
  group: readonly Wanted[],
  live: Map<string, KubernetesObject>,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly Wanted[]> {
  const missing = new Map(group.map((one) => [one.ref.name, one]));
  let foreign = 0;
  try {
    for await (const page of cluster.pages(scopeOf(group), signal)) {
      for (const object of page) {
        const one = missing.get(object.metadata.name ?? '');
        if (one === undefined) foreign += 1;
        else live.set(refKey(one.ref), object);
        missing.delete(one?.ref.name ?? '');
      }
      if (missing.size === 0) return [];
      if (foreign > foreignLimit) return [...missing.values()];
    }
    return [];
  } catch (error) {
    // Who may not list, may still read; and a list that is too old to go on can't be finished.
    if (!(error instanceof DeployError) || error.code !== 'refused' || error.transient) throw error;
    return [...missing.values()];
  }
}

function scopeOf([first]: readonly Wanted[]): Scope {
  if (first === undefined) throw new Error('a group has a member');
  const { ref, apiVersion } = first;
  return { apiVersion, kind: ref.kind, ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }) };
}
