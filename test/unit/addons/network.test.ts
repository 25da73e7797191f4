import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { isKubernetesObject, type KubernetesObject, refOf } from '../../../src/model/object.ts';
import { matrixOf, type NetworkCell } from '../../../src/verify/network/matrix.ts';
import { runCli } from '../../support/cli.ts';

const outputs = {
  redis_endpoint: 'master.redis.use1.cache.amazonaws.com',
  redis_port: 6379,
  kafka_bootstrap_brokers: 'b-1.msk.us-east-1.amazonaws.com:9098,b-2.msk.us-east-1.amazonaws.com:9098',
  documentdb_endpoint: 'docdb.us-east-1.docdb.amazonaws.com',
  documentdb_port: 27017,
  documentdb_username: 'oms',
  documentdb_password: 'not-shown-anywhere',
  public_subnet_cidrs: ['10.0.101.0/24'],
  private_subnet_cidrs: ['10.0.1.0/24'],
};

const folder = mkdtempSync(join(tmpdir(), 'oms-network-'));
after(() => rmSync(folder, { recursive: true }));

let objects: readonly KubernetesObject[] = [];
before(async () => {
  writeFileSync(join(folder, 'outputs.json'), JSON.stringify(outputs));
  const sets = ['aws_account_id=123456789012', 'aws_region=us-east-1', 'aws_dns_suffix=amazonaws.com'];
  const args = ['render', '--config', 'built-in', '--outputs-file', 'outputs.json', '--tag', '1.4.2'];
  const addons = ['network-policies', 'ingress', 'monitoring'].flatMap((one) => ['--with', one]);
  const more = [...addons, ...sets.flatMap((one) => ['--set', one])];
  const { code, stdout, stderr } = await runCli([...args, ...more], { cwd: folder });
  assert.equal(code, 0, stderr);
  objects = parseAllDocuments(stdout)
    .map((document): unknown => document.toJS())
    .filter(isKubernetesObject);
});

/** Who may ask whom in the OMS, with these policies. */
function cells(policies: readonly KubernetesObject[]): readonly NetworkCell[] {
  const manifest = (body: KubernetesObject): Manifest => ({
    ref: refOf(body),
    body,
    origin: { file: '', line: 1 },
    lineOf: () => undefined,
  });
  const of = (...kinds: readonly string[]): readonly Manifest[] =>
    objects.filter(({ kind }) => kinds.includes(kind)).map(manifest);
  return matrixOf({
    namespace: 'crypto-oms',
    namespaceLabels: { 'kubernetes.io/metadata.name': 'crypto-oms' },
    policies,
    workloads: of('Deployment'),
    services: of('Service'),
  });
}

function policiesOf(
  change: (policy: KubernetesObject) => KubernetesObject | undefined = (one) => one,
): readonly KubernetesObject[] {
  return objects.filter(({ kind }) => kind === 'NetworkPolicy').flatMap((one) => change(one) ?? []);
}

function named(rows: readonly NetworkCell[]): readonly string[] {
  return rows.map(({ from, to, protocol, port }) => `${from} -> ${to} ${port}/${protocol}`);
}

const services = ['order-ingestion', 'order-processor', 'risk-engine', 'market-data'];

/** All that is let through; everything else isn't. */
const allowed = [
  'order-processor -> risk-engine 80/TCP',
  ...['market-data', 'order-ingestion', 'risk-engine'].map((to) => `10.0.101.0/24 -> ${to} 80/TCP`),
  // Prometheus; order-processor listens on no port.
  ...['market-data', 'order-ingestion', 'risk-engine'].map((to) => `a pod of monitoring -> ${to} 80/TCP`),
  ...services.flatMap((from) => [
    `${from} -> DNS 53/UDP`,
    `${from} -> 10.0.1.0/24 9098/TCP`,
    `${from} -> EKS Pod Identity 80/TCP`,
    `${from} -> any other address 443/TCP`,
  ]),
  ...['market-data', 'order-ingestion', 'risk-engine'].map((from) => `${from} -> 10.0.1.0/24 6379/TCP`),
  ...['order-processor', 'risk-engine'].map((from) => `${from} -> 10.0.1.0/24 27017/TCP`),
];

test('with all policies the OMS can do what it needs, and nothing else', () => {
  const all = cells(policiesOf());
  assert.deepEqual(named(all.filter(({ isAllowed }) => isAllowed)).toSorted(), allowed.toSorted());
  assert.ok(all.length > allowed.length + 20, `${all.length} cells`);
  assert.ok(all.every(({ isAllowed, deniedAt, by }) => by.length > 0 && (deniedAt === undefined) === isAllowed));
});

/** A change of one policy, and the cells that it flips. */
const mutations: readonly (readonly [
  string,
  (policy: KubernetesObject) => KubernetesObject | undefined,
  readonly string[],
])[] = [
  [
    'without allow-calls-to-risk-engine',
    without('allow-calls-to-risk-engine'),
    ['order-processor -> risk-engine 80/TCP'],
  ],
  [
    'without allow-calls-of-order-processor',
    without('allow-calls-of-order-processor'),
    ['order-processor -> risk-engine 80/TCP'],
  ],
  [
    'without allow-load-balancer-to-market-data',
    without('allow-load-balancer-to-market-data'),
    ['10.0.101.0/24 -> market-data 80/TCP'],
  ],
  [
    'without allow-metrics-of-market-data',
    without('allow-metrics-of-market-data'),
    ['a pod of monitoring -> market-data 80/TCP'],
  ],
  [
    'without allow-base',
    without('allow-base'),
    services.flatMap((from) => [
      `${from} -> DNS 53/UDP`,
      `${from} -> EKS Pod Identity 80/TCP`,
      `${from} -> any other address 443/TCP`,
    ]),
  ],
  [
    'with another port for what order-processor asks outside',
    (policy) =>
      policy.metadata.name === 'allow-outward-of-order-processor'
        ? (JSON.parse(JSON.stringify(policy).replaceAll('27017', '27018')) as KubernetesObject)
        : policy,
    ['order-processor -> 10.0.1.0/24 27017/TCP', 'order-processor -> 10.0.1.0/24 27018/TCP'],
  ],
];

function without(name: string) {
  return (policy: KubernetesObject): KubernetesObject | undefined =>
    policy.metadata.name === name ? undefined : policy;
}

for (const [name, change, flipped] of mutations) {
  test(`${name}: exactly these cells flip`, () => {
    const open = (policies: readonly KubernetesObject[]): readonly string[] =>
      named(cells(policies).filter(({ isAllowed }) => isAllowed));
    const [whole, changed] = [open(policiesOf()), open(policiesOf(change))];
    const found = [...whole.filter((one) => !changed.includes(one)), ...changed.filter((one) => !whole.includes(one))];
    assert.deepEqual(found.toSorted(), flipped.toSorted());
  });
}

test('ports that are open to any address, and other namespaces, are shown, too', () => {
  const policy = (name: string, rule: JsonObject): KubernetesObject => ({
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: 'crypto-oms' } },
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [rule] },
  });
  const mail = policy('mail', {
    to: [{ ipBlock: { cidr: '0.0.0.0/0' } }],
    ports: [{ protocol: 'TCP', port: 587 }],
  });
  const labels = { 'kubernetes.io/metadata.name': 'identity' };
  const identity = policy('identity', { to: [{ namespaceSelector: { matchLabels: labels } }] });
  const open = (more: readonly KubernetesObject[]): readonly string[] =>
    named(cells([...policiesOf(), ...more]).filter(({ isAllowed }) => isAllowed));
  const before = open([]);
  const added = open([mail, identity]).filter((one) => !before.includes(one));
  assert.deepEqual(
    added.toSorted(),
    services
      .flatMap((from) => [
        `${from} -> any other address 587/TCP`,
        ...[80, 443].map((port) => `${from} -> a pod of identity ${port}/TCP`),
      ])
      .toSorted(),
  );
});

test('without policies everything is open', () => {
  assert.ok(cells([]).every(({ isAllowed, by }) => isAllowed && by.length === 0));
});
