import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { objectOf, textOf } from '../../src/model/json.ts';
import { config, manifests } from '../support/app.ts';
import { makeFolder, resultOf, runCli } from '../support/cli.ts';
import { type AwsFront, type FrontAnswer, type FrontRequest, startAwsFront } from '../support/eks/aws-front.ts';
import { createCluster } from '../support/eks/eks.ts';
import { silentPort } from '../support/eks/silent-port.ts';
import { type Moto, startMoto, whyNoMoto } from '../support/moto/moto.ts';

/**
 * Why a command can't find or reach its cluster: AWS is moto behind a front that can be told to fail. Each must be
 * explained with exit 4 within 10 seconds, and nothing may be written.
 */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const name = 'crypto-oms-dev';
let moto: Moto;
let front: AwsFront;

before(async () => {
  if (whyNot !== undefined) return;
  moto = await startMoto();
  front = await startAwsFront(moto.url);
  await createCluster(moto, name);
  Object.assign(front.cluster, {
    endpoint: 'https://127.0.0.1:9',
    certificateAuthority: { data: Buffer.from('no CA').toString('base64') },
    resourcesVpcConfig: { vpcId: 'vpc-1', endpointPublicAccess: true, publicAccessCidrs: ['0.0.0.0/0'] },
  });
});
after(async () => {
  await front?.close();
  await moto?.stop();
});

interface Failure {
  readonly id: string;
  readonly cause: string;
  readonly evidence: string;
  readonly fix: string;
}

/** What `up` says of the one thing that is wrong. */
async function failure(
  t: TestContext,
  args: readonly string[] = ['--cluster', name],
  env: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Failure> {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests, ...files });
  const startedMs = performance.now();
  const run = await runCli(['up', '--yes', '--output', 'json', ...args], {
    cwd,
    env: { ...moto.env, AWS_ENDPOINT_URL: front.url, OMS_INPUT_PASSWORD: 'correct-horse', ...env },
  });
  const elapsedMs = performance.now() - startedMs;
  assert.equal(run.code, 4, run.stdout + run.stderr);
  // The connection's limit is 6 s, a request's 30 s: on a busy machine, too, it is clear which of them ended this.
  assert.ok(elapsedMs < 20_000, `${elapsedMs} ms`);
  const findings = resultOf(run).findings;
  assert.ok(Array.isArray(findings) && findings.length === 1, JSON.stringify(findings));
  const { id, severity, cause, evidence, fix } = objectOf(findings[0]);
  assert.equal(severity, 'error');
  return { id: textOf(id), cause: textOf(cause), evidence: JSON.stringify(evidence), fix: textOf(fix) };
}

/** Lets AWS answer so, for one test. */
function answering(t: TestContext, answer: (request: FrontRequest) => FrontAnswer | undefined): void {
  front.overrides.push(answer);
  t.after(() => void front.overrides.pop());
}

function refusal(
  service: string,
  status: number,
  type: string,
  message: string,
): (request: FrontRequest) => FrontAnswer | undefined {
  return (request) =>
    request.service === service
      ? {
          status,
          body: JSON.stringify({ message }),
          headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
        }
      : undefined;
}

/** A shell without any credentials of AWS. */
const loggedOut = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };

test('no credentials', needsMoto, async (t) => {
  const { id, cause, fix } = await failure(t, undefined, loggedOut);
  assert.equal(id, 'aws/no-credentials');
  assert.match(cause, /There are no AWS credentials/);
  assert.match(fix, /aws sso login.*--profile.*AWS_ACCESS_KEY_ID/);
});

test('no network: nobody listens, and a name that does not exist', needsMoto, async (t) => {
  const silent = await failure(t, undefined, { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
  assert.equal(silent.id, 'aws/unreachable');
  assert.match(silent.cause, /can't be reached at http:\/\/127\.0\.0\.1:9 \(AWS_ENDPOINT_URL\)/);
  const unknown = await failure(t, undefined, { AWS_ENDPOINT_URL: '', AWS_REGION: 'eu-nowhere-1' });
  assert.equal(unknown.id, 'aws/unreachable');
  assert.match(unknown.fix, /spelling of the region/);
});

test('no network: packets are lost', needsMoto, async (t) => {
  const port = await silentPort(t);
  const { id, cause } = await failure(t, undefined, { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` });
  assert.equal(id, 'aws/unreachable');
  assert.match(cause, /can't be reached/);
});

test('an SSO session that has expired', needsMoto, async (t) => {
  const cached = {
    accessToken: 'old',
    expiresAt: '2020-01-01T00:00:00Z',
    region: 'us-east-1',
    startUrl: 'https://corp.awsapps.com/start',
  };
  const folder = await makeFolder(t, {
    config: `[profile prod]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = deploy\nregion = us-east-1\n
[sso-session corp]\nsso_start_url = ${cached.startUrl}\nsso_region = us-east-1\n`,
    // The SHA-1 of the session's name: where `aws sso login` keeps it.
    '.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json': JSON.stringify(cached),
  });
  const env = { ...loggedOut, HOME: folder, AWS_CONFIG_FILE: `${folder}/config` };
  const { id, cause, fix } = await failure(t, ['--cluster', name, '--profile', 'prod'], env);
  assert.equal(id, 'aws/sso-expired');
  assert.match(cause, /profile prod/);
  assert.equal(fix, 'Run: aws sso login --profile prod');
});

test('the wrong region: which clusters there are, in which account and region', needsMoto, async (t) => {
  const { id, cause, evidence } = await failure(t, ['--cluster', name, '--region', 'eu-west-1']);
  assert.equal(id, 'target/no-cluster');
  assert.match(cause, /no EKS cluster crypto-oms-dev in eu-west-1/);
  assert.match(evidence, /there is no EKS cluster at all in eu-west-1/);
  assert.match(evidence, /account 123456789012 as arn:aws:sts::123456789012:user\/moto/);
});

test('an unknown cluster: the one that was meant', needsMoto, async (t) => {
  const { id, evidence, fix } = await failure(t, ['--cluster', 'crypto-oms-dve']);
  assert.equal(id, 'target/no-cluster');
  assert.match(evidence, /crypto-oms-dev/);
  assert.equal(fix, 'Did you mean crypto-oms-dev?');
});

test('an unknown cluster, and ListClusters is not allowed', needsMoto, async (t) => {
  answering(t, (request) =>
    (request.service === 'eks' && request.path.startsWith('/clusters?')) || request.path === '/clusters'
      ? refusal('eks', 403, 'AccessDeniedException', 'no')(request)
      : undefined,
  );
  const { id, evidence } = await failure(t, ['--cluster', 'other']);
  assert.equal(id, 'target/no-cluster');
  assert.match(evidence, /eks:ListClusters is not allowed/);
});

test('DescribeCluster is denied: the action, the resource and who', needsMoto, async (t) => {
  const arn = 'arn:aws:sts::123456789012:assumed-role/ci/run-7';
  const resource = `arn:aws:eks:us-east-1:123456789012:cluster/${name}`;
  const message = `User: ${arn} is not authorized to perform: eks:DescribeCluster on resource: ${resource}`;
  answering(t, refusal('eks', 403, 'AccessDeniedException', message));
  const { id, cause, fix } = await failure(t);
  assert.equal(id, 'aws/denied');
  assert.equal(cause, `${arn} may not call eks:DescribeCluster on ${resource}.`);
  assert.match(fix, /^Allow eks:DescribeCluster/);
});

for (const [type, message, id, says] of [
  [
    'ExpiredTokenException',
    'The security token included in the request is expired',
    'aws/expired-credentials',
    /AWS_ACCESS_KEY_ID of the environment have expired/,
  ],
  [
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    'aws/invalid-credentials',
    /credentials from AWS_ACCESS_KEY_ID/,
  ],
  [
    'InvalidSignatureException',
    'Credential should be scoped to a valid region. ',
    'aws/signing-region',
    /signature is for us-east-1/,
  ],
  [
    'SignatureDoesNotMatch',
    'Credential should be scoped to a valid region, not us-east-1. ',
    'aws/signing-region',
    /another region/,
  ],
] as const) {
  test(`EKS answers ${type}: ${message}`, needsMoto, async (t) => {
    answering(t, refusal('eks', 403, type, message));
    const found = await failure(t);
    assert.equal(found.id, id);
    assert.match(found.cause, says);
  });
}

for (const [what, vpc, says] of [
  [
    'a private endpoint',
    { endpointPublicAccess: false, endpointPrivateAccess: true },
    [/endpoint is private.*only inside vpc-1/, /VPN or a bastion.*CI runner/],
  ],
  [
    'a public endpoint for other addresses',
    { endpointPublicAccess: true, publicAccessCidrs: ['203.0.113.0/24'] },
    [/answers only these addresses: 203\.0\.113\.0\/24/, /add the address of this machine/],
  ],
  [
    'a public endpoint behind something',
    { endpointPublicAccess: true, publicAccessCidrs: ['0.0.0.0/0'] },
    [/endpoint is public/, /network, VPN, proxy and firewall/],
  ],
] as const) {
  test(`${what} that packets don't reach`, needsMoto, async (t) => {
    const before = { ...front.cluster };
    t.after(() => void Object.assign(front.cluster, before));
    const endpoint = `https://127.0.0.1:${await silentPort(t)}`;
    Object.assign(front.cluster, { endpoint, resourcesVpcConfig: { vpcId: 'vpc-1', ...vpc } });
    const { id, cause, evidence, fix } = await failure(t);
    assert.equal(id, 'cluster/unreachable');
    assert.equal(cause, `The EKS cluster ${name} at ${endpoint} can't be reached.`);
    assert.match(evidence, says[0]);
    assert.match(fix, says[1]);
  });
}

test('a cluster that is being deleted', needsMoto, async (t) => {
  t.after(() => void Reflect.deleteProperty(front.cluster, 'status'));
  Object.assign(front.cluster, { status: 'DELETING' });
  const { id, cause } = await failure(t);
  assert.equal(id, 'target/cluster-status');
  assert.match(cause, /is DELETING/);
});

test('a clock that is 12 minutes off', needsMoto, async (t) => {
  t.after(() => void Object.assign(front, { dateOffsetMs: 0 }));
  front.dateOffsetMs = 12 * 60_000;
  const { id, cause } = await failure(t);
  assert.equal(id, 'target/clock');
  assert.match(cause, /clock is 12 min behind that of AWS/);
});

test("Terraform's outputs can't be read: that is said, and no cluster is guessed", needsMoto, async (t) => {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests });
  const run = await runCli(['status', '--output', 'json', '--outputs-file', 'nowhere.json'], { cwd, env: moto.env });
  assert.equal(run.code, 3, run.stdout);
  assert.match(run.stdout, /terraform\/outputs-file/);
});

test('nobody is logged in, and an input needs AWS, too: one problem, and it is an error', needsMoto, async (t) => {
  const inputs = `inputs:\n  endpoint: {sources: [{aws: account}], default: x}\n  level: {default: x}\n  password: {secret: true}\n`;
  const files = { 'oms-deploy.yaml': config.replace(/inputs:[\s\S]*/, inputs) };
  const { id, cause } = await failure(t, undefined, loggedOut, files);
  assert.equal(id, 'aws/no-credentials');
  assert.match(cause, /There are no AWS credentials/);
});

test("an address of EKS that doesn't resolve: nothing is said of a kubeconfig", needsMoto, async (t) => {
  const before = { ...front.cluster };
  t.after(() => void Object.assign(front.cluster, before));
  Object.assign(front.cluster, { endpoint: 'https://abc.gr7.us-east-1.eks.invalid' });
  const { id, evidence, fix } = await failure(t);
  assert.equal(id, 'cluster/unreachable');
  assert.match(evidence, /ENOTFOUND: its host name does not exist/);
  assert.doesNotMatch(fix, /kubeconfig/);
});

test('two flags that each name a cluster: AWS is not asked', needsMoto, async (t) => {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests });
  const args = ['up', '--kubeconfig', 'x', '--cluster', name, '--output', 'json'];
  const run = await runCli(args, { cwd, env: { ...moto.env, AWS_ENDPOINT_URL: front.url } });
  assert.equal(run.code, 2, run.stdout);
  assert.match(run.stdout, /--kubeconfig and --cluster each name a cluster/);
  assert.doesNotMatch(run.stdout, /Asking AWS/);
});
