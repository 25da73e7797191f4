import type { AwsReading, AwsSession } from './session.ts';

/** Something in AWS that keeps data, and can make snapshots of it every day. */
export interface DataStore {
  readonly service: 'documentdb' | 'elasticache';
  /** Of the DocumentDB cluster, or of the replication group. */
  readonly id: string;
  /** Where its host says it; else that of the session. */
  readonly region?: string;
}

/** For how many days its snapshots are kept; 0: none are made. Undefined where the answer doesn't say it. */
export function snapshotDays(
  session: AwsSession,
  store: DataStore,
  signal: AbortSignal,
): Promise<AwsReading<number | undefined>> {
  return store.service === 'documentdb'
    ? daysOfCluster(session, store, signal)
    : daysOfReplicationGroup(session, store, signal);
}

/** DocumentDB has the API of RDS, and its rights. */
function daysOfCluster(
  session: AwsSession,
  { id, region }: DataStore,
  signal: AbortSignal,
): Promise<AwsReading<number | undefined>> {
  return session.call(
    {
      service: 'RDS',
      action: 'rds:DescribeDBClusters',
      region,
      run: async (options, abortSignal) => {
        const { RDSClient, DescribeDBClustersCommand } = await import('./sdk/rds.ts');
        const command = new DescribeDBClustersCommand({ DBClusterIdentifier: id });
        const { DBClusters = [] } = await new RDSClient(options).send(command, { abortSignal });
        return DBClusters[0]?.BackupRetentionPeriod;
      },
    },
    signal,
  );
}

function daysOfReplicationGroup(
  session: AwsSession,
  { id, region }: DataStore,
  signal: AbortSignal,
): Promise<AwsReading<number | undefined>> {
  return session.call(
    {
      service: 'ElastiCache',
      action: 'elasticache:DescribeReplicationGroups',
      region,
      run: async (options, abortSignal) => {
        const { ElastiCacheClient, DescribeReplicationGroupsCommand } = await import('./sdk/elasticache.ts');
        const command = new DescribeReplicationGroupsCommand({ ReplicationGroupId: id });
        const { ReplicationGroups = [] } = await new ElastiCacheClient(options).send(command, { abortSignal });
        return ReplicationGroups[0]?.SnapshotRetentionLimit;
      },
    },
    signal,
  );
}
