import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { config, manifests } from '../support/app.ts';
import { findingIds } from '../support/cli.ts';
import { installDefinitions, whyNoGo } from '../support/definitions.ts';
import { makeEksApp, makeKubeconfig } from '../support/eks/app.ts';
import { type EksStand, startEks } from '../support/eks/eks.ts';
import { whyNoMoto } from '../support/moto/moto.ts';

/** Whatever contradicts the target stops a command before it writes anything. */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const name = 'crypto-oms-dev';
const up = ['--cluster', name, '--yes'];
let stand: EksStand;

before(async () => {
  if (whyNot === undefined) stand = await startEks(name, { vpcId: 'vpc-0a1b2c3d4e5f60718' });
});
after(() => stand?.stop());

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
        const app = await makeEksApp(t, stand, {
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
        assert.deepEqual(await app.writes(), []);
      },
    );
  }
}

test('a kubeconfig context that is another cluster than the outputs: refused, both are named', needsMoto, async (t) => {
  const outputs = {
    eks_cluster_name: { value: name },
    eks_cluster_endpoint: { value: 'https://ABC.gr7.us-east-1.eks.amazonaws.com' },
  };
  const kubeconfig = await makeKubeconfig(t, stand, { context: 'kind-dev' });
  const app = await makeEksApp(t, stand, { 'outputs.json': JSON.stringify(outputs) });
  const run = await app.run('up', ['--yes', '--kubeconfig', kubeconfig, '--outputs-file', 'outputs.json']);
  assert.equal(run.code, 4, run.stdout);
  assert.deepEqual(findingIds(run), ['target/endpoint']);
  assert.match(run.stdout, /context kind-dev/);
  assert.match(run.stdout, /abc\.gr7\.us-east-1/);
  assert.deepEqual(await app.writes(), []);
});

test('the same through a tunnel: the name in the certificate says which cluster it is', needsMoto, async (t) => {
  const outputs = { eks_cluster_endpoint: { value: 'https://kubernetes.default.svc' } };
  const kubeconfig = await makeKubeconfig(t, stand, {
    context: 'tunnel',
    cluster: { 'tls-server-name': 'kubernetes.default.svc' },
  });
  const app = await makeEksApp(t, stand, { 'outputs.json': JSON.stringify(outputs) });
  const run = await app.run('plan', ['--kubeconfig', kubeconfig, '--outputs-file', 'outputs.json']);
  assert.equal(run.code, 0, run.stdout);
});

test('what is expected and nothing proves: refused', needsMoto, async (t) => {
  const kubeconfig = await makeKubeconfig(t, stand, { context: 'kind-dev' });
  const app = await makeEksApp(t, stand, {
    'oms-deploy.yaml': `${config}expect: {cluster: prod, region: eu-west-1}\n`,
  });
  const run = await app.run('up', ['--yes', '--kubeconfig', kubeconfig]);
  assert.equal(run.code, 4, run.stdout);
  assert.deepEqual(findingIds(run), ['target/unproven', 'target/unproven']);
});

test(
  'an image from the registry of another account: refused at its line, unless the configuration names it',
  needsMoto,
  async (t) => {
    const other = '999999999999.dkr.ecr.us-east-1.amazonaws.com';
    const files = (expect: string): Readonly<Record<string, string>> => ({
      'oms-deploy.yaml': config + expect,
      'k8s/app.yaml': manifests.replace('example.com/reader:1', `${other}/reader@sha256:${'a'.repeat(64)}`),
    });
    const app = await makeEksApp(t, stand, files(''));
    const run = await app.run('up', up);
    assert.equal(run.code, 4, run.stdout);
    assert.deepEqual(findingIds(run), ['target/registry']);
    assert.match(run.stdout, /the account of the image is 999999999999, that of the target 123456789012/);
    assert.match(run.stdout, /"file":"k8s\/app.yaml","line":\d\d/);
    assert.deepEqual(await app.writes(), []);
    const meant = await makeEksApp(t, stand, files(`expect: {registries: [${other}]}\n`));
    assert.ok(!findingIds(await meant.run('plan', ['--cluster', name])).includes('target/registry'));
  },
);

test('an image of another region, which is meant: the tokens of the add-on do not help to pull it', {
  skip: whyNot ?? (await whyNoGo()),
}, async (t) => {
  await installDefinitions(stand.sandbox, ['external-secrets']);
  const other = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const app = await makeEksApp(t, stand, {
    'oms-deploy.yaml': `${config}expect: {registries: [${other}]}\n`,
    'k8s/app.yaml': manifests.replace('example.com/reader:1', `${other}/reader@sha256:${'a'.repeat(64)}`),
  });
  const plan = await app.run('plan', ['--cluster', name, '--with', 'image-pull-secrets']);
  assert.ok(findingIds(plan).includes('images/pull-token'), plan.stdout);
  assert.match(plan.stdout, /a token for the ECR registry of the account 123456789012 in us-east-1 alone/);
});
