import type { Cluster } from '../../cluster/cluster.ts';
import { readScopes } from '../../cluster/read-world.ts';
import { DeployError } from '../../errors.ts';
import type { Finding } from '../../model/finding.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { requireNamespace } from '../home.ts';
import { notEnforced } from './enforcement.ts';
import { matrixOf, type NetworkCell } from './matrix.ts';

/** Who may ask whom in a namespace, as its policies are now. */
export interface NetworkRead {
  readonly policies: readonly string[];
  readonly cells: readonly NetworkCell[];
  readonly findings: readonly Finding[];
  /** A sandbox stores policies and enforces none. */
  readonly isSandbox: boolean;
}

/** All that makes pods again and again, by kind with its API. */
const workloads = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  CronJob: 'batch/v1',
} as const;
const system = 'kube-system';

/**
 * Reads it.
 *
 * @throws DeployError `refused` where there is no such namespace, or its policies or workloads may not be listed.
 */
export async function readNetwork(cluster: Cluster, namespace: string, signal: AbortSignal): Promise<NetworkRead> {
  const live = await requireNamespace(namespace, cluster, signal);
  const policies = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', namespace };
  const services = { apiVersion: 'v1', kind: 'Service', namespace };
  const making = Object.entries(workloads).map(([kind, apiVersion]) => ({ apiVersion, kind, namespace }));
  const [home, around] = await Promise.all([
    readScopes(cluster, [policies, services, ...making], signal),
    readScopes(cluster, [{ apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: system }], signal),
  ]);
  const [[kind, why] = []] = [...home.unread];
  if (kind !== undefined) {
    throw new DeployError('refused', `You are not allowed to list ${kind} objects in ${namespace}.`, {
      why: why ?? '',
      fix: 'Ask for the right to list NetworkPolicies, Services and workloads there, or use another identity.',
    });
  }
  const of = (...kinds: readonly string[]): readonly KubernetesObject[] =>
    home.objects.filter((one) => kinds.includes(one.kind)).toSorted(byName);
  const found = of('NetworkPolicy');
  const cells = matrixOf({
    namespace,
    // Who may not read the namespace itself knows the label that every namespace has.
    namespaceLabels: { 'kubernetes.io/metadata.name': namespace, ...live?.metadata.labels },
    policies: found,
    workloads: of(...Object.keys(workloads)).map(asManifest),
    services: of('Service').map(asManifest),
  });
  return {
    policies: found.map(({ metadata }) => metadata.name ?? ''),
    cells,
    findings: found.length === 0 ? [] : notEnforced(around.objects),
    isSandbox: cluster.identity.isSandbox,
  };
}

function byName({ metadata: a }: KubernetesObject, { metadata: b }: KubernetesObject): number {
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}

function asManifest(body: KubernetesObject): Manifest {
  return { ref: refOf(body), body, origin: { file: '', line: 0 }, lineOf: () => undefined };
}
