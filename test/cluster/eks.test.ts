import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { mintToken } from '../../src/aws/token.ts';
import { config, manifests } from '../support/app.ts';
import { type CliOptions, type CliResult, eventsOf, findingIds, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { type EksStand, motoArn, region, startEks } from '../support/eks/eks.ts';
import { whyNoMoto } from '../support/moto/moto.ts';

/** `oms-deploy` against EKS: AWS is moto, the cluster a sandbox that accepts tokens as EKS does. No kubeconfig anywhere. */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const name = 'crypto-oms-dev';
let stand: EksStand;

before(async () => {
  if (whyNot === undefined) stand = await startEks(name, { vpcId: 'vpc-0a1b2c3d4e5f60718' });
});
after(() => stand?.stop());

interface App {
  readonly namespace: string;
  run(command: string, args?: readonly string[], options?: CliOptions): Promise<CliResult>;
}

/** The small application, in a namespace that doesn't exist yet. */
async function makeApp(t: TestContext, files: Readonly<Record<string, string>> = {}): Promise<App> {
  const namespace = `eks-${randomBytes(4).toString('hex')}`;
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests, ...files });
  t.after(() => stand.sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`));
  // Keys of its own: two tokens of the same second would be one, and the API server remembers what it has accepted.
  const { accessKeyId, secretAccessKey } = stand.createKey();
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  return {
    namespace,
    run: (command, args = [], options = {}) =>
      runCli([command, '--namespace', namespace, '--output', 'json', ...args], {
        cwd,
        ...options,
        env: { ...stand.env, ...keys, OMS_INPUT_PASSWORD: 'correct-horse', ...options.env },
      }),
  };
}

const eks = ['--cluster', name];
const up = [...eks, '--yes'];

/** What the cluster was asked to change in a namespace, dry runs left out. */
async function writesIn(namespace: string): Promise<readonly string[]> {
  const events = await stand.sandbox.auditEvents(
    ({ verb, requestURI, userAgent }) =>
      userAgent === 'oms-deploy' &&
      !['get', 'list', 'watch'].includes(verb) &&
      !requestURI.includes('dryRun=All') &&
      !requestURI.includes('selfsubject') &&
      requestURI.includes(namespace),
  );
  return events.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

/** Changes what the stand does for one test. */
function meanwhile<T extends object>(t: TestContext, target: T, changes: Partial<T>): void {
  const before = Object.fromEntries(Object.keys(changes).map((key) => [key, Reflect.get(target, key)]));
  Object.assign(target, changes);
  t.after(() => void Object.assign(target, before));
}

test(
  'a deploy by the name of the cluster alone: one token, the identity of AWS, nothing of a kubeconfig',
  needsMoto,
  async (t) => {
    const app = await makeApp(t);
    const before = stand.authenticator.tokens.length;
    const run = await app.run('up', up);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    const tokens = new Set(stand.authenticator.tokens.slice(before));
    assert.equal(tokens.size, 1);
    const target = eventsOf(run).find(({ type }) => type === 'target');
    const { account, arn, cluster, connection, server } = target ?? {};
    assert.deepEqual(
      { account, arn, cluster, connection, region: target?.['region'], server },
      { account: '123456789012', arn: motoArn, cluster: name, connection: 'eks', region, server: stand.sandbox.server },
    );
    const writers = new Set(
      (await stand.sandbox.auditEvents(({ requestURI }) => requestURI.includes(app.namespace))).map(({ user }) => user),
    );
    assert.ok(writers.has(motoArn), [...writers].join(', '));
    assert.ok(!run.stdout.includes([...tokens][0] ?? '?'), 'the token is in the output');
  },
);

test('a tampered token, one for another cluster, a stale one: each is refused with its reason', needsMoto, async () => {
  const credentials = stand.createKey();
  const mint = (cluster: string, atMs: number): Promise<string> =>
    mintToken({ cluster, region, host: `sts.${region}.amazonaws.com`, credentials, atMs });
  const refusal = async (token: string): Promise<readonly [number, string | undefined]> => [
    await statusWith(token),
    stand.authenticator.refusals.at(-1),
  ];
  const now = Date.now();
  const token = await mint(name, now);
  assert.equal(await statusWith(token), 200);
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8');
  const other = url.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const tampered = `k8s-aws-v1.${Buffer.from(other).toString('base64url')}`;
  assert.deepEqual(await refusal(tampered), [401, 'SignatureDoesNotMatch']);
  assert.deepEqual(await refusal(await mint('another', now)), [401, 'SignatureDoesNotMatch']);
  const [status, why] = await refusal(await mint(name, now - 16 * 60_000));
  assert.equal(status, 401);
  assert.match(why ?? '', /X-Amz-Date parameter is expired/);
});

function statusWith(token: string): Promise<number> {
  const url = `${stand.sandbox.server}/api/v1/namespaces`;
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      url,
      { ca: stand.sandbox.ca, headers: { authorization: `Bearer ${token}` } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

for (const [what, settings] of [
  ['another cluster answers', { cluster: 'another' }],
  ['tokens are stale when they come', { lifetimeMs: -1 }],
  ['the cluster has no access entry for the identity', { groups: {} }],
] as const) {
  test(`401, ${what}: exit 4 says who isn't known, and how to become known`, needsMoto, async (t) => {
    const app = await makeApp(t);
    meanwhile(t, stand.authenticator.settings, settings);
    const before = stand.authenticator.tokens.length;
    const run = await app.run('up', up);
    assert.equal(run.code, 4, run.stdout);
    const [finding] = resultOf(run).findings as readonly { cause: string; fix: string; evidence: readonly string[] }[];
    assert.equal(finding?.cause, `The EKS cluster ${name} doesn't know ${motoArn}.`);
    assert.match(finding?.evidence.join() ?? '', /^401 Unauthorized: Unauthorized\. AWS accepts these credentials/);
    assert.match(finding?.fix ?? '', /aws eks create-access-entry --cluster-name crypto-oms-dev --principal-arn/);
    // One token, and one more after the refusal, for all requests together.
    assert.equal(new Set(stand.authenticator.tokens.slice(before)).size <= 2, true);
    assert.deepEqual(await writesIn(app.namespace), []);
  });
}

test('a deploy that outlives its tokens ends well: each is renewed in the middle of it', needsMoto, async (t) => {
  const app = await makeApp(t);
  // The API server asks about a token that it knows again after 10 s: by then it has expired.
  meanwhile(t, stand.authenticator.settings, { lifetimeMs: 2_000 });
  const before = stand.authenticator.tokens.length;
  const run = await app.run('up', [...up, '--soak', '14s', '--lock-duration', '3s']);
  assert.equal(run.code, 0, run.stdout);
  assert.match(stand.authenticator.refusals.at(-1) ?? '', /expired/);
  assert.equal(new Set(stand.authenticator.tokens.slice(before)).size, 2);
});

interface Mismatch {
  readonly id: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly expect?: string;
  /** What the finding names: both sides. */
  readonly says: readonly RegExp[];
}

const mismatches: Readonly<Record<string, Mismatch>> = {
  'the account that is expected': {
    id: 'target/account',
    expect: '{account: "999999999999"}',
    says: [/123456789012/, /999999999999: expect\.account/],
  },
  'the cluster that is expected': { id: 'target/cluster', expect: '{cluster: prod}', says: [/prod: expect\.cluster/] },
  'the region that is expected': {
    id: 'target/region',
    expect: '{region: eu-west-1}',
    says: [/us-east-1/, /eu-west-1: expect\.region/],
  },
  "the account of Terraform's cluster": {
    id: 'target/account',
    outputs: { eks_cluster_arn: 'arn:aws:eks:us-east-1:999999999999:cluster/crypto-oms-dev' },
    says: [/123456789012: the AWS credentials/, /999999999999: outputs\.json: eks_cluster_arn/],
  },
  "the partition of Terraform's cluster": {
    id: 'target/partition',
    outputs: { eks_cluster_arn: 'arn:aws-cn:eks:us-east-1:123456789012:cluster/crypto-oms-dev' },
    says: [/aws: the AWS credentials/, /aws-cn: outputs\.json/],
  },
  "the region of Terraform's cluster": {
    id: 'target/region',
    outputs: { eks_cluster_arn: 'arn:aws:eks:eu-west-1:123456789012:cluster/crypto-oms-dev' },
    says: [/us-east-1: the cluster/, /eu-west-1: outputs\.json/],
  },
  "the name of Terraform's cluster": {
    id: 'target/cluster',
    outputs: { eks_cluster_name: 'crypto-oms-prod' },
    says: [/crypto-oms-dev: --cluster/, /crypto-oms-prod: outputs\.json: eks_cluster_name/],
  },
  'the endpoint': {
    id: 'target/endpoint',
    outputs: { eks_cluster_endpoint: 'https://ABC.gr7.us-east-1.eks.amazonaws.com' },
    says: [/127\.0\.0\.1: the cluster/, /abc\.gr7\.us-east-1\.eks\.amazonaws\.com: outputs\.json/],
  },
  'the VPC': {
    id: 'target/vpc',
    outputs: { vpc_id: 'vpc-other' },
    says: [/vpc-0a1b2c3d4e5f60718: the cluster/, /vpc-other: outputs\.json: vpc_id/],
  },
};

for (const [what, { id, args = [], env = {}, outputs, expect, says }] of Object.entries(mismatches)) {
  for (const command of ['up', 'cleanup', 'rollback'] as const) {
    test(
      `${command}: ${what} contradicts the target: exit 4, nothing written, whatever --yes says`,
      needsMoto,
      async (t) => {
        const values = Object.entries(outputs ?? { unrelated: 'x' }).map(([key, value]) => [key, { value }] as const);
        const app = await makeApp(t, {
          'outputs.json': JSON.stringify(Object.fromEntries(values)),
          'oms-deploy.yaml': expect === undefined ? config : `${config}expect: ${expect}\n`,
        });
        const given = [
          '--outputs-file',
          'outputs.json',
          ...args,
          ...(command === 'cleanup' ? ['--confirm', app.namespace] : []),
        ];
        const run = await app.run(command, [...up, ...given], { env });
        assert.equal(run.code, 4, run.stdout + run.stderr);
        assert.deepEqual(findingIds(run), [id]);
        for (const pattern of says) assert.match(run.stdout, pattern);
        assert.deepEqual(await writesIn(app.namespace), []);
      },
    );
  }
}

test('a kubeconfig context that is another cluster than the outputs: refused, both are named', needsMoto, async (t) => {
  const outputs = {
    eks_cluster_name: { value: name },
    eks_cluster_endpoint: { value: 'https://ABC.gr7.us-east-1.eks.amazonaws.com' },
  };
  const kubeconfig = await kubeconfigFor(t, { context: 'kind-dev' });
  const app = await makeApp(t, { 'outputs.json': JSON.stringify(outputs) });
  const run = await app.run('up', ['--yes', '--kubeconfig', kubeconfig, '--outputs-file', 'outputs.json']);
  assert.equal(run.code, 4, run.stdout);
  assert.deepEqual(findingIds(run), ['target/endpoint']);
  assert.match(run.stdout, /context kind-dev/);
  assert.match(run.stdout, /abc\.gr7\.us-east-1/);
  assert.deepEqual(await writesIn(app.namespace), []);
});

test('the same through a tunnel: the name in the certificate says which cluster it is', needsMoto, async (t) => {
  const outputs = { eks_cluster_endpoint: { value: 'https://kubernetes.default.svc' } };
  const kubeconfig = await kubeconfigFor(t, { context: 'tunnel', tlsServerName: 'kubernetes.default.svc' });
  const app = await makeApp(t, { 'outputs.json': JSON.stringify(outputs) });
  const run = await app.run('plan', ['--kubeconfig', kubeconfig, '--outputs-file', 'outputs.json']);
  assert.equal(run.code, 0, run.stdout);
});

test('what is expected and nothing proves: refused', needsMoto, async (t) => {
  const kubeconfig = await kubeconfigFor(t, { context: 'kind-dev' });
  const app = await makeApp(t, { 'oms-deploy.yaml': `${config}expect: {cluster: prod, region: eu-west-1}\n` });
  const run = await app.run('up', ['--yes', '--kubeconfig', kubeconfig]);
  assert.equal(run.code, 4, run.stdout);
  assert.deepEqual(findingIds(run), ['target/unproven', 'target/unproven']);
});

async function kubeconfigFor(
  t: TestContext,
  { context, tlsServerName }: { readonly context: string; readonly tlsServerName?: string },
): Promise<string> {
  const ca = Buffer.from(stand.sandbox.ca).toString('base64');
  const cluster = {
    server: stand.sandbox.server,
    'certificate-authority-data': ca,
    ...(tlsServerName === undefined ? {} : { 'tls-server-name': tlsServerName }),
  };
  const folder = await makeFolder(t, {
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': context,
      clusters: [{ name: context, cluster }],
      users: [{ name: context, user: { token: stand.sandbox.token } }],
      contexts: [{ name: context, context: { cluster: context, user: context } }],
    }),
  });
  return join(folder, 'kubeconfig');
}
