import { askQueryApi, elementIn } from './query.ts';
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
export async function snapshotDays(
  session: AwsSession,
  { service, id, region }: DataStore,
  dnsSuffix: string,
  signal: AbortSignal,
): Promise<AwsReading<number | undefined>> {
  const { call, parameter, element } = apis[service];
  const asked = { ...call, parameters: { [parameter]: id }, region, dnsSuffix };
  const reading = await askQueryApi(session, asked, signal);
  if (!reading.ok) return reading;
  const days = Number(elementIn(reading.value, element) ?? Number.NaN);
  return { ok: true, value: Number.isInteger(days) ? days : undefined };
}

const apis = {
  // DocumentDB has the API of RDS, and its rights.
  documentdb: {
    call: { service: 'RDS', id: 'rds', version: '2014-10-31', action: 'DescribeDBClusters' },
    parameter: 'DBClusterIdentifier',
    element: 'BackupRetentionPeriod',
  },
  elasticache: {
    call: { service: 'ElastiCache', id: 'elasticache', version: '2015-02-02', action: 'DescribeReplicationGroups' },
    parameter: 'ReplicationGroupId',
    element: 'SnapshotRetentionLimit',
  },
} as const;
