import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/schema.ts';
import { DeployError } from '../errors.ts';
import { ownerOf } from '../manifests/stamp.ts';

/**
 * Without a configuration the built-in application is what a namespace is compared with. Where another one was deployed
 * there, every check would fail for no fault of anybody.
 *
 * @throws DeployError `usage` naming the application that is there.
 */
export async function refuseStranger(
  { application, origin }: Config,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  if (origin !== 'built-in') return;
  const { items } = await cluster.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace }, signal);
  const names = [...new Set(items.flatMap((live) => ownerOf(live) ?? []))];
  if (names.length === 0 || names.includes(application)) return;
  throw new DeployError('usage', `The namespace ${namespace} holds ${names.join(', ')}, not ${application}.`, {
    why: 'Its manifests say what belongs to it, and there is no oms-deploy.yaml here that names them.',
    fix: 'Name them: --manifests <folder>, or --config <file>.',
  });
}
