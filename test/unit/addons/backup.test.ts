import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AwsReading } from '../../../src/aws/session.ts';
import type { DataStore } from '../../../src/aws/snapshots.ts';
import { dataStores, storesIn } from '../../../src/deploy/snapshots/data-stores.ts';
import { judgeSnapshots } from '../../../src/deploy/snapshots/snapshot-findings.ts';
import { errorFinding } from '../../../src/model/finding.ts';
import { at } from '../../../src/model/json.ts';
import { findingIds, makeFolder, runCli } from '../../support/cli.ts';
import { manifest } from '../manifests/helpers.ts';
import { deployment, find, rendered } from './helpers.ts';

const args = ['-f', 'k8s', '-n', 'shop', '--with', 'backup'];

/** The spec of the Schedule for an application with these files beside its Deployment. */
async function scheduleOf(
  t: Parameters<typeof makeFolder>[0],
  files: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<unknown> {
  const folder = await makeFolder(t, { 'k8s/web.yaml': deployment, ...files });
  const { objects, stderr, code } = await rendered(folder, [...args, ...more]);
  assert.equal(code, 0, stderr);
  const found = find(objects, 'Schedule', 'shop-shop');
  assert.equal(found?.metadata.namespace, 'velero');
  return found.spec;
}

test('the namespace each night, for 30 days, without Secrets; no snapshots where nothing has a volume', async (t) => {
  assert.deepEqual(await scheduleOf(t), {
    schedule: '0 3 * * *',
    useOwnerReferencesInBackup: false,
    template: {
      includedNamespaces: ['shop'],
      excludedResources: ['secrets', 'events', 'leases.coordination.k8s.io'],
      snapshotVolumes: false,
      ttl: '720h0m0s',
    },
  });
});

const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;
const set = `apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  selector: { matchLabels: { app: db } }
  serviceName: db
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: 'example.com/db:1' }] }
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }
`;

for (const [name, text] of [
  ['a claim', claim],
  ['a StatefulSet with claims', set],
] as const) {
  test(`${name} among the manifests: its volume is snapshotted`, async (t) => {
    assert.equal(at(await scheduleOf(t, { 'k8s/data.yaml': text }), 'template', 'snapshotVolumes'), true);
  });
}

test('what is left out of a backup can be said otherwise, even nothing', async (t) => {
  const excluded = async (value: string): Promise<unknown> =>
    at(await scheduleOf(t, {}, ['--set', `backup_excluded=${value}`]), 'template', 'excludedResources');
  assert.deepEqual(await excluded('events, pods'), ['events', 'pods']);
  assert.deepEqual(await excluded(','), []);
});

const wrong = [
  ['backup_schedule', '0 25 * * *'],
  ['backup_schedule', 'nightly'],
  ['backup_ttl', '30d'],
  ['backup_ttl', '720'],
] as const;

for (const [input, value] of wrong) {
  test(`${input}=${value} is refused: Velero would be the first to see it`, async (t) => {
    const folder = await makeFolder(t, { 'k8s/web.yaml': deployment });
    const run = await runCli(['render', ...args, '--set', `${input}=${value}`, '--output', 'json'], { cwd: folder });
    assert.equal(run.code, 3, run.stdout);
    assert.deepEqual(findingIds(run), ['addons/input']);
  });
}

const hosts: readonly (readonly [string, readonly DataStore[]])[] = [
  [
    'mongodb://u:p@prod-docdb.cluster-c1a2b3.eu-central-1.docdb.amazonaws.com:27017/db?tls=true',
    [{ service: 'documentdb', id: 'prod-docdb', region: 'eu-central-1' }],
  ],
  [
    'prod-docdb.cluster-ro-c1a2b3.cn-north-1.docdb.amazonaws.com.cn',
    [{ service: 'documentdb', id: 'prod-docdb', region: 'cn-north-1' }],
  ],
  ['one-instance.c1a2b3.eu-central-1.docdb.amazonaws.com', []],
  ['master.prod-redis.abc123.use1.cache.amazonaws.com:6379,ssl=True', [{ service: 'elasticache', id: 'prod-redis' }]],
  ['rediss://clustercfg.prod-redis.abc123.euc1.cache.amazonaws.com', [{ service: 'elasticache', id: 'prod-redis' }]],
  ['prod-redis.abc123.ng.0001.use1.cache.amazonaws.com', [{ service: 'elasticache', id: 'prod-redis' }]],
  ['prod-redis.abc123.clustercfg.use1.cache.amazonaws.com', [{ service: 'elasticache', id: 'prod-redis' }]],
  ['redis.example.com:6379', []],
];

for (const [text, stores] of hosts) {
  test(`the stores that ${text} leads to`, () => assert.deepEqual(storesIn(text), stores));
}

test('each store once: hosts in ConfigMaps and Secrets, and what outputs name beside them', () => {
  const host = 'prod-docdb.cluster-c1.eu-central-1.docdb.amazonaws.com';
  const body = { apiVersion: 'v1', metadata: { name: 'one' } };
  const manifests = [
    manifest({ ...body, kind: 'ConfigMap', data: { host } }),
    manifest({ ...body, kind: 'Secret', data: { url: Buffer.from(`mongodb://${host}:27017`).toString('base64') } }),
  ];
  const output = (value: string): { readonly value: string; readonly sensitive: false } => ({
    value,
    sensitive: false,
  });
  const outputs = new Map([
    ['docdb_cluster_identifier', output('prod-docdb')],
    ['redis_replication_group_id', output('prod-redis')],
  ]);
  const naming = { documentdb: ['none', 'docdb_cluster_identifier'], elasticache: ['redis_replication_group_id'] };
  assert.deepEqual(dataStores(manifests, naming, outputs), [
    { service: 'documentdb', id: 'prod-docdb', region: 'eu-central-1' },
    { service: 'elasticache', id: 'prod-redis' },
  ]);
});

const documentdb: DataStore = { service: 'documentdb', id: 'prod', region: 'eu-central-1' };
const redis: DataStore = { service: 'elasticache', id: 'prod' };
const denied = errorFinding('aws/denied', 'ci may not call rds:DescribeDBClusters.', 'Allow it.');

const judged: readonly (readonly [string, DataStore, AwsReading<number | undefined>, string | undefined, RegExp])[] = [
  ['a week of snapshots', documentdb, { ok: true, value: 7 }, undefined, /^$/],
  ['one day', documentdb, { ok: true, value: 1 }, 'warning backup/retention', /for one day.*--region eu-central-1/],
  ['none', redis, { ok: true, value: 0 }, 'warning backup/snapshots-off', /makes no snapshots.*needs none/],
  ['nothing said', redis, { ok: true, value: undefined }, undefined, /^$/],
  ['no right', documentdb, { ok: false, finding: denied }, 'info backup/skipped', /^Skipped: .*may not call.*Allow it/],
];

for (const [name, store, reading, expected, words] of judged) {
  test(`snapshots of ${store.service}, ${name}: ${expected ?? 'nothing to say'}`, () => {
    const [finding, ...more] = judgeSnapshots(store, reading);
    assert.deepEqual(more, []);
    assert.equal(finding === undefined ? undefined : `${finding.severity} ${finding.id}`, expected);
    assert.match(finding === undefined ? '' : `${finding.cause} ${finding.fix}`, words);
  });
}
