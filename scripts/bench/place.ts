import type { Cluster } from '../../src/cluster/cluster.ts';

/** Where one deploy happens. */
export interface Place {
  readonly folder: string;
  readonly namespace: string;
  readonly kubeconfig: string;
}

/** Makes the namespace of a place. */
export async function makeNamespace(name: string, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  const made = await cluster.apply(object, { dryRun: false, force: false }, signal);
  if (!made.ok) throw new Error(`The namespace ${name} could not be made: ${made.failure.message}`);
}
