/** An action of one of moto's services with a form and XML. Moto knows service and region by the scope of the signature. */
async function queryMoto(
  url: string,
  service: 'rds' | 'elasticache',
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const scope = `20260101/us-east-1/${service}/aws4_request`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({ Action: action, ...parameters }),
  });
  if (!answer.ok) throw new Error(`${action}: ${await answer.text()}`);
}

/** Makes a cluster of databases. Moto has none of DocumentDB's engine; all engines have one API. */
export function createDatabases(url: string, id: string, backupDays: number): Promise<void> {
  return queryMoto(url, 'rds', 'CreateDBCluster', {
    DBClusterIdentifier: id,
    Engine: 'aurora-postgresql',
    MasterUsername: 'app',
    MasterUserPassword: 'correct-horse',
    BackupRetentionPeriod: String(backupDays),
  });
}

/** Makes a replication group of ElastiCache. */
export function createCache(url: string, id: string, snapshotDays: number): Promise<void> {
  return queryMoto(url, 'elasticache', 'CreateReplicationGroup', {
    ReplicationGroupId: id,
    ReplicationGroupDescription: 'of a test',
    Engine: 'redis',
    CacheNodeType: 'cache.t4g.micro',
    NumCacheClusters: '1',
    SnapshotRetentionLimit: String(snapshotDays),
  });
}
