import type { Cluster } from '../../cluster/cluster.ts';
import { isForbidden } from '../../cluster/errors.ts';
import { ownerOf } from '../../manifests/stamp.ts';
import { countOf } from '../../model/age.ts';
import type { CleanupPlan } from '../../model/cleanup.ts';
import { groupOf, type KubernetesObject, namespaceRef, type ObjectRef, refKey } from '../../model/object.ts';
import type { Release } from '../../model/release.ts';
import type { Place } from '../../releases/place.ts';
import { type Ledger, readLedger } from '../ledger.ts';
import { chooseApplication, namedApplication } from '../open-place.ts';
import { readClusterFacts, targetOf } from '../target.ts';
import { applicationsIn, isOurs, recollect, takeInventory } from './inventory.ts';
import { goesWhenEmpty, planCleanup, volumesOf } from './plan-cleanup.ts';
import type { CleanupRequest } from './request.ts';
import { type Survey, surveyNamespace } from './survey.ts';

/** A plan, and whose it is. */
export interface PlannedCleanup {
  readonly plan: CleanupPlan;
  readonly place: Place;
  readonly ledger: Ledger;
}

/** Looks at everything, and plans the cleanup. `live` is the namespace, where it may be read. */
export async function readCleanup(
  request: CleanupRequest,
  { cluster, namespace }: Pick<Place, 'cluster' | 'namespace'>,
  live: KubernetesObject | undefined,
  signal: AbortSignal,
): Promise<PlannedCleanup> {
  const [survey, facts] = await Promise.all([
    surveyNamespace(cluster, namespace, signal),
    readClusterFacts(cluster, namespace, signal),
  ]);
  const application = applicationOf(request, namespace, live, survey);
  const place: Place = { cluster, application, namespace };
  const ledger = await readLedger(place, signal);
  const { latest } = ledger;
  const unseen = await readRecorded(recordedUnseen(latest, place, survey), cluster, signal);
  const objects = [...survey.objects, ...unseen.filter(({ metadata }) => metadata.namespace === namespace)];
  const outside = unseen.filter(({ metadata }) => metadata.namespace !== namespace);
  const recollection = recollect(latest);
  const ours = outside.filter((object) => isOurs(object, application, recollection));
  const plan = planCleanup({
    target: targetOf({ application, namespace }, cluster, facts, ledger.releases[0]),
    keepNamespace: request.keepNamespace,
    withData: request.withData,
    ...(live?.metadata.uid === undefined ? {} : { namespaceUid: live.metadata.uid }),
    inventory: takeInventory(objects, application, latest),
    outside: ours,
    occupied: await readOccupied(ours.filter(goesWhenEmpty), application, latest, cluster, signal),
    volumes: await readVolumes(volumesOf(objects), cluster, signal),
    unread: survey.unread,
  });
  return { plan, place, ledger };
}

function applicationOf(
  { place }: CleanupRequest,
  namespace: string,
  live: KubernetesObject | undefined,
  survey: Survey,
): string {
  const named = namedApplication(place);
  if (named !== undefined) return named;
  const owner = live === undefined ? undefined : ownerOf(live);
  const found = [...applicationsIn(survey.objects), ...(owner === undefined ? [] : [owner])];
  return chooseApplication(place.config, namespace, [...new Set(found)].sort());
}

/** What others have in namespaces, or what can't be seen there. */
async function readOccupied(
  namespaces: readonly KubernetesObject[],
  application: string,
  latest: Release | undefined,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const read = await Promise.all(
    namespaces.map(async ({ metadata: { name = '' } }) => {
      const { objects, unread } = await surveyNamespace(cluster, name, signal);
      const { foreign, others, records, hasLock } = takeInventory(objects, application, latest);
      const count = foreign.length + others.length + records.length + (hasLock ? 1 : 0);
      if (count > 0) return [[name, `${countOf(count, 'other object')} in it`] as const];
      return unread.length === 0 ? [] : [[name, "what else is in it can't be seen"] as const];
    }),
  );
  return new Map(read.flat());
}

/** What was recorded, and can't have been found by looking at the namespace. */
function recordedUnseen(latest: Release | undefined, { namespace }: Place, { unread }: Survey): readonly ObjectRef[] {
  const kinds = new Set(unread.map(kindKey));
  const home = refKey(namespaceRef(namespace));
  const recorded = [...(latest?.objects ?? []), ...(latest?.left ?? [])].map(({ ref }) => ref);
  const unseen = recorded.filter(
    (ref) => refKey(ref) !== home && (ref.namespace !== namespace || kinds.has(kindKey(ref))),
  );
  return [...new Map(unseen.map((ref) => [refKey(ref), ref])).values()];
}

function kindKey({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): string {
  return `${groupOf(apiVersion)}/${kind}`;
}

async function readRecorded(
  refs: readonly ObjectRef[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const discovery = await cluster.discovery(signal);
  // A kind that isn't served any more went with its definition.
  const served = refs.filter((ref) => discovery.find(ref) !== undefined);
  const live = await Promise.all(served.map((ref) => cluster.get(ref, signal)));
  return live.filter((object) => object !== undefined);
}

/** Volumes are read to say what becomes of them: who may not see them isn't told. */
async function readVolumes(
  names: readonly string[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, KubernetesObject>> {
  try {
    const refs = names.map((name): ObjectRef => ({ apiVersion: 'v1', kind: 'PersistentVolume', name }));
    const volumes = await Promise.all(refs.map((ref) => cluster.get(ref, signal)));
    return new Map(volumes.flatMap((volume) => (volume === undefined ? [] : [[volume.metadata.name ?? '', volume]])));
  } catch (error) {
    if (isForbidden(error)) return new Map();
    throw error;
  }
}
