import type { Caller } from '../aws/caller.ts';
import type { ClusterIdentity } from '../cluster/cluster.ts';
import type { Finding } from '../model/finding.ts';
import type { Beforehand } from './read-request.ts';

/** What the caller tells of the target. */
export function identityOf(
  caller: Caller,
  { expect }: Beforehand,
  warnings: readonly Finding[],
): Omit<ClusterIdentity, 'connection' | 'isSandbox'> {
  const { account, arn, region, partition } = caller;
  return { account, arn, region, partition, registries: expect.registries, warnings };
}
