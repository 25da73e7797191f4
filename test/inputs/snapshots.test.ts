import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createAwsSession } from '../../src/aws/session.ts';
import { type ClusterIdentity, unknownIdentity } from '../../src/cluster/cluster.ts';
import type { Config } from '../../src/config/schema.ts';
import { snapshotFindings } from '../../src/deploy/snapshots/snapshot-findings.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Json } from '../../src/model/json.ts';
import { type AwsFront, type FrontAnswer, type FrontRequest, startAwsFront } from '../support/eks/aws-front.ts';
import { type Moto, startMoto, whyNoMoto } from '../support/moto/moto.ts';
import { createCache, createDatabases } from '../support/moto/query.ts';
import { manifest } from '../unit/manifests/helpers.ts';

/** Snapshots of stores in AWS: moto behind a front that counts, and can be told to answer itself. */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const never = new AbortController().signal;
const identity: ClusterIdentity = { ...unknownIdentity, account: '123456789012', partition: 'aws' };
let moto: Moto;
let front: AwsFront;

before(async () => {
  if (whyNot !== undefined) return;
  moto = await startMoto();
  front = await startAwsFront(moto.url);
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, moto.env, {
    AWS_ENDPOINT_URL: front.url,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  await createDatabases(moto.url, 'one-day', 1);
  await createDatabases(moto.url, 'two-weeks', 14);
  await createCache(moto.url, 'no-snapshots', 0);
  await createCache(moto.url, 'ten-days', 10);
});
after(async () => {
  await front?.close();
  await moto?.stop();
});

const naming = { documentdb: ['docdb'], elasticache: ['redis'] };
const backup: Config['addons'] = { backup: { state: 'on', snapshots: naming } };
const databases = (id: string): string => `mongodb://u:p@${id}.cluster-c1.us-east-1.docdb.amazonaws.com:27017/db`;
const cache = (id: string): string => `master.${id}.abc123.use1.cache.amazonaws.com:6379`;

interface Given {
  readonly addons?: Config['addons'];
  readonly identity?: ClusterIdentity;
  readonly outputs?: Readonly<Record<string, Json>>;
}

/** What is said of an application that is told these hosts. */
async function found(texts: readonly string[], given: Given = {}): Promise<readonly Finding[]> {
  const metadata = { name: 'one', namespace: 'shop' };
  const manifests = [
    manifest({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { texts: texts.join(' ') } }),
    { ...manifest({ apiVersion: 'velero.io/v1', kind: 'Schedule', metadata }), addon: 'backup' },
  ];
  const outputs = new Map(
    Object.entries(given.outputs ?? {}).map(([name, value]) => [name, { value, sensitive: false }] as const),
  );
  const surroundings = {
    aws: createAwsSession({ env: process.env }),
    outputs: () => Promise.resolve({ asked: true, outputs, findings: [], describe: (name: string) => name }),
  };
  const work = { addons: given.addons ?? backup, identity: given.identity ?? identity, surroundings };
  return snapshotFindings(manifests, work, never);
}

const told = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ severity, id, evidence }) => `${severity} ${id} ${evidence.join()}`);

test('too few days, and none at all, are warned of; enough is no matter', needsMoto, async () => {
  const hosts = [databases('one-day'), databases('two-weeks'), cache('no-snapshots'), cache('ten-days')];
  assert.deepEqual(told(await found(hosts)), [
    'warning backup/retention BackupRetentionPeriod is 1',
    'warning backup/snapshots-off SnapshotRetentionLimit is 0',
  ]);
});

test('what outputs name is asked for, too', needsMoto, async () => {
  const outputs = { docdb: 'one-day', redis: 'ten-days' };
  assert.deepEqual(told(await found(['db.example.com'], { outputs })), [
    'warning backup/retention BackupRetentionPeriod is 1',
  ]);
});

test('one that is not there, or not here, is said, and stops nothing', needsMoto, async () => {
  const [finding, ...more] = await found([databases('elsewhere')]);
  assert.deepEqual([finding?.id, finding?.severity, more], ['backup/skipped', 'info', []]);
  assert.match(finding?.evidence.join() ?? '', /elsewhere not found/);
});

async function answering(answer: FrontAnswer, ask: () => Promise<void>): Promise<void> {
  const override = (): FrontAnswer => answer;
  front.overrides.push(override);
  try {
    await ask();
  } finally {
    front.overrides.splice(front.overrides.indexOf(override), 1);
  }
}

test('a right that is missing is named', needsMoto, async () => {
  const message = 'User: arn:aws:iam::1:user/ci is not authorized to perform: rds:DescribeDBClusters &amp; more';
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>${message}</Message></Error></ErrorResponse>`;
  await answering({ status: 403, body, headers: { 'content-type': 'text/xml' } }, async () => {
    const [finding] = await found([databases('one-day')]);
    assert.equal(finding?.severity, 'info');
    assert.match(finding.cause, /^Skipped: .*user\/ci may not call rds:DescribeDBClusters/);
    assert.match(finding.evidence.join(), /DescribeDBClusters & more/);
    assert.match(finding.fix, /Allow rds:DescribeDBClusters/);
  });
});

// As DocumentDB answers, which moto can't be made to.
const recorded = `<DescribeDBClustersResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">
  <DescribeDBClustersResult>
    <DBClusters>
      <DBCluster>
        <AvailabilityZones><AvailabilityZone>us-east-1a</AvailabilityZone></AvailabilityZones>
        <BackupRetentionPeriod>5</BackupRetentionPeriod>
        <DBClusterIdentifier>prod</DBClusterIdentifier>
        <Engine>docdb</Engine>
        <StorageEncrypted>true</StorageEncrypted>
      </DBCluster>
    </DBClusters>
  </DescribeDBClustersResult>
</DescribeDBClustersResponse>`;

test('the answer of DocumentDB is understood, and one that says nothing is no news', needsMoto, async () => {
  await answering({ status: 200, body: recorded }, async () => {
    assert.deepEqual(told(await found([databases('prod')])), ['warning backup/retention BackupRetentionPeriod is 5']);
  });
  await answering({ status: 200, body: recorded.replace(/<BackupRet.*>/, '') }, async () => {
    assert.deepEqual(await found([databases('prod')]), []);
  });
});

test(
  'a store is asked for once, in the region of its host, and only for an add-on that is deployed',
  needsMoto,
  async () => {
    const asked: string[] = [];
    const listen = ({ service, action, region }: FrontRequest): undefined => {
      asked.push(`${service} ${action} ${region}`);
    };
    front.overrides.push(listen);
    const abroad = databases('one-day').replace('us-east-1', 'eu-west-1');
    await found([abroad, databases('two-weeks'), databases('two-weeks'), cache('ten-days')]);
    assert.deepEqual(asked.toSorted(), [
      'elasticache DescribeReplicationGroups us-east-1',
      'rds DescribeDBClusters eu-west-1',
      'rds DescribeDBClusters us-east-1',
    ]);
    asked.length = 0;
    const none: readonly Given[] = [
      { addons: { backup: { state: 'off', snapshots: naming } } },
      { addons: { other: { state: 'on', snapshots: naming } } },
      { addons: { backup: { state: 'on' } } },
      { identity: { ...identity, isSandbox: true } },
      { identity: unknownIdentity },
    ];
    for (const given of none) assert.deepEqual(await found([databases('one-day'), cache('no-snapshots')], given), []);
    assert.deepEqual(asked, []);
  },
);
