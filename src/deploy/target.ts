import type { Cluster } from '../cluster/cluster.ts';
import { isForbidden } from '../cluster/errors.ts';
import { ownerOf } from '../manifests/stamp.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { at, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, namespaceRef } from '../model/object.ts';
import type { Target } from '../model/plan.ts';
import type { ReleaseSummary } from '../model/release.ts';
import type { Place } from '../releases/place.ts';

/** What the cluster says of itself and of the namespace. */
export interface ClusterFacts extends NamespaceFacts {
  readonly version: string;
}

/** What the cluster says of a namespace. */
export interface NamespaceFacts {
  readonly namespaceState: Target['namespaceState'];
  /** The pod security level that it enforces, with its version. */
  readonly podSecurity?: string;
  readonly namespaceOwner?: string;
  /** The namespace itself, where it is there and may be read. */
  readonly home?: KubernetesObject;
}

/**
 * Asks the cluster for its version and the state of the namespace.
 *
 * @throws DeployError `refused` where it can't be reached or refuses the credentials.
 */
export async function readClusterFacts(
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<ClusterFacts> {
  const [version, state] = await Promise.all([cluster.version(signal), readNamespace(cluster, namespace, signal)]);
  return { version, ...state };
}

/** Reads a namespace. */
export async function readNamespace(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<NamespaceFacts> {
  try {
    const live = await cluster.get(namespaceRef(namespace), signal);
    if (live === undefined) return { namespaceState: 'missing' };
    const phase = stringOf(at(live, 'status', 'phase'));
    const owner = ownerOf(live);
    const isEnding = phase === 'Terminating' || live.metadata.deletionTimestamp !== undefined;
    return {
      namespaceState: isEnding ? 'terminating' : 'exists',
      ...enforced(live),
      ...(owner === undefined ? {} : { namespaceOwner: owner }),
      home: live,
    };
  } catch (error) {
    // Who may work in one namespace only can't always read the Namespace object itself.
    if (isForbidden(error)) return { namespaceState: 'exists' };
    throw error;
  }
}

/** Labels of pod security admission: https://kubernetes.io/docs/concepts/security/pod-security-admission/ */
function enforced({ metadata }: KubernetesObject): Pick<ClusterFacts, 'podSecurity'> {
  const level = metadata.labels?.['pod-security.kubernetes.io/enforce'];
  if (level === undefined) return {};
  return { podSecurity: `${level}:${metadata.labels?.['pod-security.kubernetes.io/enforce-version'] ?? 'latest'}` };
}

/** The target as it is shown and recorded. */
export function targetOf(
  { application, namespace }: Pick<Place, 'application' | 'namespace'>,
  cluster: Cluster,
  known: ClusterFacts,
  latest: ReleaseSummary | undefined,
): Target {
  const { home: _, ...facts } = known;
  const { account, alias, arn, region, isSandbox, connection } = cluster.identity;
  return {
    application,
    namespace,
    cluster: cluster.name,
    server: cluster.server,
    ...facts,
    connection,
    ...(isSandbox ? { isSandbox } : {}),
    ...(account === undefined ? {} : { account }),
    ...(alias === undefined ? {} : { alias }),
    ...(arn === undefined ? {} : { arn }),
    ...(region === undefined ? {} : { region }),
    ...(latest === undefined ? {} : { latest }),
  };
}

/** A namespace that is being deleted takes nothing new. */
export function namespaceFindings({ namespace, namespaceState }: Target): readonly Finding[] {
  return namespaceState === 'terminating' ? [endingNamespace(namespace)] : [];
}

/** The same of another namespace, with the first object that is in it. */
export function endingNamespace(name: string, first?: Manifest): Finding {
  const instead = first === undefined ? ', or deploy to another one: --namespace' : '';
  return errorFinding(
    'cluster/namespace-terminating',
    `The namespace ${name} is being deleted: it takes no new objects.`,
    `Wait until it is gone (kubectl get namespace ${name} -o yaml says what holds it)${instead}.`,
    first === undefined ? {} : { object: first.ref, origin: first.origin },
  );
}
