import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type ClusterIdentity, unknownIdentity } from '../../../src/cluster/cluster.ts';
import { at, type Json, type JsonObject, objectOf, stringOf } from '../../../src/model/json.ts';
import { isKubernetesObject } from '../../../src/model/object.ts';
import { pullTokenFindings } from '../../../src/target/pull-tokens.ts';
import { makeFolder, runCli } from '../../support/cli.ts';
import { manifest } from '../manifests/helpers.ts';

const workload = (kind: string, name: string, pod: string): string => `---
apiVersion: apps/v1
kind: ${kind}
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  ${kind === 'StatefulSet' ? 'serviceName: none' : 'minReadySeconds: 1'}
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      ${pod}
      containers: [{ name: main, image: 'example.com/${name}:1' }]
`;

const manifests = `apiVersion: v1
kind: ServiceAccount
metadata: { name: web }
imagePullSecrets: [{ name: theirs }]
${workload('Deployment', 'web', 'serviceAccountName: web')}${workload('Deployment', 'plain', 'dnsPolicy: Default')}${workload('StatefulSet', 'set', 'serviceAccountName: elsewhere')}${workload('DaemonSet', 'agent', 'dnsPolicy: Default')}${workload('Deployment', 'own', 'imagePullSecrets: [{ name: own }]')}---
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: main, image: 'example.com/nightly:1' }] }
`;

async function render(
  t: TestContext,
  args: readonly string[],
  app: string = manifests,
): Promise<readonly JsonObject[]> {
  const config = 'application: shop\nnamespace: shop\nmanifests: [k8s]\n';
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': app });
  const given = ['render', '--with', 'image-pull-secrets', ...args];
  const { code, stdout, stderr } = await runCli(given, { cwd, env: { AWS_REGION: 'eu-west-1' } });
  assert.equal(code, 0, stderr);
  return parseAllDocuments(stdout).map((document) => objectOf(document.toJS()));
}

const nameOf = (one: JsonObject): string => `${String(one.kind)}/${stringOf(at(one, 'metadata', 'name')) ?? ''}`;

/** The pull secrets of each object that has some. */
function pullSecrets(objects: readonly JsonObject[]): Readonly<Record<string, Json>> {
  const paths = [
    ['imagePullSecrets'],
    ['spec', 'template', 'spec', 'imagePullSecrets'],
    ['spec', 'jobTemplate', 'spec', 'template', 'spec', 'imagePullSecrets'],
  ];
  return Object.fromEntries(
    objects.flatMap((one) => {
      const found = paths.map((path) => at(one, ...path)).find((value) => value !== undefined);
      return found === undefined ? [] : [[nameOf(one), found]];
    }),
  );
}

test('one that is there: in the ServiceAccounts, and in pods that use none of them', async (t) => {
  const objects = await render(t, ['--set', 'image_pull_secret=regcred']);
  const regcred = { name: 'regcred' };
  assert.deepEqual(pullSecrets(objects), {
    'ServiceAccount/web': [regcred, { name: 'theirs' }],
    'Deployment/plain': [regcred],
    'Deployment/own': [{ name: 'own' }],
    'StatefulSet/set': [regcred],
    'DaemonSet/agent': [regcred],
    'CronJob/nightly': [regcred],
  });
  assert.ok(!objects.some(({ kind }) => kind === 'ExternalSecret' || kind === 'ECRAuthorizationToken'));
});

test('without one, tokens of ECR; with a role through a ServiceAccount', async (t) => {
  const made = (objects: readonly JsonObject[]): readonly string[] =>
    objects.map(nameOf).filter((name) => name.endsWith('/shop-image-pull'));
  const objects = await render(t, []);
  assert.deepEqual(made(objects), ['ECRAuthorizationToken/shop-image-pull', 'ExternalSecret/shop-image-pull']);
  assert.deepEqual(pullSecrets(objects)['Deployment/plain'], [{ name: 'shop-image-pull' }]);
  const role = 'arn:aws:iam::123456789012:role/puller';
  const withRole = await render(t, ['--set', `image_pull_role_arn=${role}`]);
  assert.ok(made(withRole).includes('ServiceAccount/shop-image-pull'));
  const generator = withRole.find(({ kind }) => kind === 'ECRAuthorizationToken');
  assert.deepEqual(at(generator, 'spec'), {
    region: 'eu-west-1',
    auth: { jwt: { serviceAccountRef: { name: 'shop-image-pull' } } },
  });
});

const target: ClusterIdentity = { ...unknownIdentity, account: '123456789012', region: 'eu-west-1' };
const own = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const account = '999999999999.dkr.ecr.eu-west-1.amazonaws.com';
const region = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

/** What is said of pods with images of these hosts. */
async function said(
  t: TestContext,
  hosts: readonly string[],
  { pod = 'dnsPolicy: Default', args = [], identity = target }: Partial<Said> = {},
): Promise<readonly (readonly [severity: string, cause: string, ...evidence: readonly string[]])[]> {
  const images = hosts.map((host, index) => `{ name: c${index}, image: '${host}/web:1' }`).join(', ');
  const web = workload('Deployment', 'web', pod).replace(/containers: .*/, `containers: [${images}]`);
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: web }\n';
  const bodies = (await render(t, args, account + web)).filter(isKubernetesObject);
  const findings = pullTokenFindings(
    bodies.map((body) => manifest(body)),
    identity,
  );
  return findings.map(({ severity, cause, evidence }) => [severity, cause, ...evidence]);
}

interface Said {
  readonly pod: string;
  readonly args: readonly string[];
  readonly identity: ClusterIdentity;
}

const alone = (where: string): string =>
  `The pull secret shop-image-pull gets a token for the ECR registry ${where} alone: it doesn't help to pull images of others.`;

test('images that the token does not help to pull are named: of another account, or of another region', async (t) => {
  assert.deepEqual(await said(t, [own, 'ghcr.io/shop', account, region]), [
    [
      'warning',
      alone('of the account 123456789012 in eu-west-1'),
      `Deployment shop/web: ${account}/web:1`,
      `Deployment shop/web: ${region}/web:1`,
    ],
  ]);
  // By their ServiceAccount.
  assert.equal((await said(t, [region], { pod: 'serviceAccountName: web' })).length, 1);
});

test('a role asks for the registry of its own account', async (t) => {
  const args = ['--set', 'image_pull_role_arn=arn:aws:iam::999999999999:role/puller'];
  assert.deepEqual(await said(t, [own, account], { args }), [
    ['warning', alone('of the account 999999999999 in eu-west-1'), `Deployment shop/web: ${own}/web:1`],
  ]);
});

test('nothing is said of images that it helps to pull, nor where nobody can know', async (t) => {
  assert.deepEqual(await said(t, [own, 'nginx']), []);
  assert.deepEqual(await said(t, [region], { pod: 'imagePullSecrets: [{ name: theirs }]' }), []);
  assert.deepEqual(await said(t, [region], { args: ['--set', 'image_pull_secret=theirs'] }), []);
  assert.deepEqual(await said(t, [account], { identity: unknownIdentity }), []);
  assert.deepEqual(await said(t, [region], { identity: { ...target, isSandbox: true } }), []);
});
