import type { Cluster } from '../../cluster/cluster.ts';
import { isForbidden } from '../../cluster/errors.ts';
import { DeployError } from '../../errors.ts';
import { groupOf, type KubernetesObject, type ObjectRef } from '../../model/object.ts';

type KindRef = Pick<ObjectRef, 'apiVersion' | 'kind'>;

/** Everything in a namespace, as far as it may be seen. */
export interface Survey {
  /** Their metadata; Services and claims whole. */
  readonly objects: readonly KubernetesObject[];
  /** The kinds that may not be listed. */
  readonly unread: readonly KindRef[];
}

/** What has to be known of these is in their spec. */
const whole: ReadonlySet<string> = new Set(['/Service', '/PersistentVolumeClaim']);

/** Events tell of objects, and go by themselves. */
const passing: ReadonlySet<string> = new Set(['/Event', 'events.k8s.io/Event']);

/** Lists all kinds that the cluster serves, in one namespace. */
export async function surveyNamespace(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<Survey> {
  const kinds = (await cluster.discovery(signal)).contents().filter((kind) => !passing.has(keyOf(kind)));
  const lists = await Promise.all(kinds.map((kind) => listKind(kind, namespace, cluster, signal)));
  // One object may be served by two groups.
  const byUid = new Map(lists.flatMap((list) => list ?? []).map((object) => [object.metadata.uid ?? '', object]));
  return { objects: [...byUid.values()], unread: kinds.filter((_, index) => lists[index] === undefined) };
}

/** Undefined where it may not be listed. */
async function listKind(
  kind: KindRef,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[] | undefined> {
  try {
    if (whole.has(keyOf(kind))) return (await cluster.list({ ...kind, namespace }, signal)).items;
    return await cluster.listMetadata({ ...kind, namespace }, {}, signal);
  } catch (error) {
    if (isForbidden(error)) return undefined;
    // Its definition has gone meanwhile, and all of its objects with it.
    if (error instanceof DeployError && error.why?.startsWith('404') === true) return [];
    throw error;
  }
}

function keyOf({ apiVersion, kind }: KindRef): string {
  return `${groupOf(apiVersion)}/${kind}`;
}
