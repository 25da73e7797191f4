import { type Cluster, unknownIdentity } from '../../src/cluster/cluster.ts';
import { readKubeconfig } from '../../src/cluster/connect.ts';
import type { Environment } from '../../src/context.ts';
import type { SurroundingsRequest } from '../../src/inputs/surroundings.ts';
import type { TargetRequest } from '../../src/target/request.ts';

/** The cluster of a kubeconfig, as it is: nothing is checked. */
export function connectTo(kubeconfig: string): Cluster {
  return readKubeconfig({ kubeconfig, env: {}, homeDir: '/nonexistent' }).connect(unknownIdentity);
}

/** A run that reads neither Terraform nor AWS. */
export function plainSurroundings(cwd: string, env: Environment = {}): SurroundingsRequest {
  return { env, cwd, readStdin: () => Promise.resolve(''), regionOutputs: [] };
}

/** The cluster of a kubeconfig as the target of a command. */
export function kubeconfigTarget(kubeconfig: string, folder: string): TargetRequest {
  return { kubeconfig, expect: { registries: [] }, homeDir: folder, surroundings: plainSurroundings(folder) };
}
