import { cacheDir } from '../cache-dir.ts';
import { type Cluster, type ClusterIdentity, unknownIdentity } from '../cluster/cluster.ts';
import { during, type Host } from '../events.ts';
import { createSurroundings, type Surroundings } from '../inputs/surroundings.ts';
import { connectEks } from './eks.ts';
import { identityOf } from './identity.ts';
import { inspectEks } from './inspect-eks.ts';
import { openKubeconfig } from './open-kubeconfig.ts';
import type { Claim } from './outputs.ts';
import { type Beforehand, readRequest } from './read-request.ts';
import type { TargetRequest } from './request.ts';

/**
 * Finds the cluster that a command works on, and checks that everything speaks of the same one. Nothing is asked of the
 * cluster itself. What is odd about it, and stops nothing, is told at once. The caller closes it.
 *
 * @throws DeployError `refused` with all that contradicts itself, or why AWS can't say where the cluster is; `usage`,
 *   `invalid` for flags and outputs that can't be read.
 */
export async function openCluster(
  request: TargetRequest,
  host: Host,
  signal: AbortSignal,
  surroundings: Surroundings = createSurroundings(request.surroundings, host, signal),
): Promise<Cluster> {
  const cluster = await during('Looking for the cluster', host, () => openTarget(request, surroundings, signal));
  for (const finding of cluster.identity.warnings) host.emit({ type: 'finding', finding });
  return cluster;
}

/** The same for who reads Terraform and AWS for more than that; the warnings are in the cluster's identity. */
export async function openTarget(
  request: TargetRequest,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Cluster> {
  const { homeDir, sandboxRuns } = request;
  const { destination, beforehand } = await readRequest(request, surroundings);
  const { env } = request.surroundings;
  if (destination.kind === 'eks')
    return openEks(destination.name, beforehand, surroundings, cacheDir({ env, homeDir }), signal);
  // Only here: an EKS cluster needs nothing of kubeconfigs, and the library for them is large.
  const { readKubeconfig } = await import('../cluster/connect.ts');
  const isNamed = destination.kubeconfig !== undefined || destination.context !== undefined;
  const hasSandbox = !isNamed && (await sandboxRuns?.()) === true;
  return openKubeconfig(readKubeconfig({ ...destination, env, homeDir, hasSandbox }), beforehand, surroundings);
}

async function openEks(
  name: Claim,
  beforehand: Beforehand,
  surroundings: Surroundings,
  cache: string,
  signal: AbortSignal,
): Promise<Cluster> {
  const { eks, caller, alias, warnings } = await inspectEks(name, beforehand, surroundings, signal);
  const identity: ClusterIdentity = {
    ...unknownIdentity,
    connection: 'eks',
    ...identityOf(caller, beforehand, warnings),
    clusterArn: eks.arn,
    ...(alias === undefined ? {} : { alias }),
  };
  return connectEks(eks, caller, identity, surroundings.aws, cache);
}
