import type { Cluster } from '../cluster/cluster.ts';
import { isForbidden } from '../cluster/errors.ts';
import { kindOf } from '../kinds/index.ts';
import { configHashAnnotation } from '../manifests/config-hash.ts';
import { configReferences, podTemplateOf } from '../manifests/pod-template.ts';
import { isPartOf, scaleTargetOf, workloadKey } from '../manifests/stamp.ts';
import { at } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, type ObjectRef, refKey, refOf } from '../model/object.ts';

/** Manifests that may be a part of an application, and what is there of them. */
export interface Part {
  readonly manifests: readonly Manifest[];
  readonly live: ReadonlyMap<string, KubernetesObject>;
  readonly application: string;
  /** The keys of objects that this deploy deletes: they have no say any more. */
  readonly going: ReadonlySet<string>;
}

/**
 * The HPAs that scale workloads of these manifests and aren't among them: given with `-f` they may be a part of an
 * application, or KEDA makes the HPA. Asked for only where an apply would set another number of replicas than there is.
 */
export async function readScalers(
  { manifests, live, going }: Part,
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const known = new Set(manifests.flatMap(({ body }) => scaleTargetOf(body) ?? []));
  const rescaled = manifests.filter(({ ref, body }) => {
    const there = live.get(refKey(ref));
    const wanted = at(body, 'spec', 'replicas');
    const isOther = there !== undefined && wanted !== undefined && wanted !== at(there, 'spec', 'replicas');
    return isOther && !known.has(workloadKey(body));
  });
  const targets = new Set(rescaled.map(({ body }) => workloadKey(body)));
  const namespaces = new Set(rescaled.flatMap(({ ref }) => ref.namespace ?? []));
  const lists = await Promise.all(
    [...namespaces].map(async (namespace) => {
      const kind = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', namespace };
      const { items } = await readable(cluster.list(kind, signal), { items: [] });
      return items.filter((one) => !going.has(refKey(refOf(one))) && targets.has(scaleTargetOf(one) ?? ''));
    }),
  );
  return lists.flat();
}

/**
 * The ConfigMaps and Secrets of this application that workloads read and these manifests lack. Without them the hash of what
 * a workload reads would be another one, and its pods would be replaced for no reason.
 */
export async function readConfigs(
  { manifests, live, application, going }: Part,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const known = new Set(
    manifests.flatMap(({ body, makes }) => [body, ...(makes === undefined ? [] : [makes])].map(keyOf)),
  );
  const wanted = new Map(
    manifests.filter((one) => hasHash(one, live)).flatMap(({ body }) => readsOf(body).map((ref) => [refKey(ref), ref])),
  );
  const lacking = [...wanted].filter(([key]) => !known.has(key) && !going.has(key));
  const found = await Promise.all(lacking.map(([, ref]) => readable(cluster.get(ref, signal), undefined)));
  return found.filter((one) => one !== undefined).filter((one) => isPartOf(one, application));
}

/** Whether a workload is there with pods that know what they read. */
function hasHash({ ref }: Manifest, live: Part['live']): boolean {
  if (kindOf(ref)?.restartsOnTemplateChange !== true) return false;
  const there = live.get(refKey(ref));
  const template = there === undefined ? undefined : podTemplateOf(there);
  return at(template, 'metadata', 'annotations', configHashAnnotation) !== undefined;
}

function readsOf(workload: KubernetesObject): readonly ObjectRef[] {
  const namespace = workload.metadata.namespace ?? '';
  const references = configReferences(podTemplateOf(workload) ?? {});
  return references.map(({ kind, name }) => ({ apiVersion: 'v1', kind, namespace, name }));
}

function keyOf(body: KubernetesObject): string {
  return refKey(refOf(body));
}

/** Who may not read what is beside the manifests deploys them as if it weren't there. */
async function readable<T, U>(answer: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await answer;
  } catch (error) {
    if (isForbidden(error)) return otherwise;
    throw error;
  }
}
