import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../../src/errors.ts';
import { createSurroundings } from '../../../src/inputs/surroundings.ts';
import type { OutputsReading } from '../../../src/inputs/terraform.ts';
import type { Json } from '../../../src/model/json.ts';
import { contextFacts } from '../../../src/target/context-facts.ts';
import { clusterOutputs } from '../../../src/target/outputs.ts';
import { readRequest } from '../../../src/target/read-request.ts';
import { chooseDestination, type TargetRequest } from '../../../src/target/request.ts';
import { silentHost } from '../../support/silent-host.ts';
import { plainSurroundings } from '../../support/target.ts';

function reading(values: Readonly<Record<string, Json>>): OutputsReading {
  const outputs = new Map(
    Object.entries(values).map(([name, value]) => [name, { value, sensitive: false, type: 'string' as const }]),
  );
  return { asked: true, outputs, findings: [], describe: (name) => `terraform output ${name}` };
}

function request(rest: Partial<TargetRequest> = {}): TargetRequest {
  return { expect: { registries: [] }, homeDir: '/', surroundings: plainSurroundings('/'), ...rest };
}

test('the outputs of the original Terraform', () => {
  const endpoint = 'https://ABC.gr7.us-east-1.eks.amazonaws.com';
  const {
    name,
    endpoint: found,
    vpcId,
  } = clusterOutputs(reading({ eks_cluster_name: 'shop', eks_cluster_endpoint: endpoint, vpc_id: 'vpc-1' }));
  assert.deepEqual(
    [name, found, vpcId],
    [
      { value: 'shop', by: 'terraform output eks_cluster_name' },
      { value: endpoint, by: 'terraform output eks_cluster_endpoint' },
      { value: 'vpc-1', by: 'terraform output vpc_id' },
    ],
  );
});

test("the module's cluster_name counts where its cluster_endpoint is EKS's, and not that of a Kafka cluster", () => {
  const eks = { cluster_name: 'shop', cluster_endpoint: 'https://ABC.sk1.eu-west-1.eks.amazonaws.com' };
  assert.equal(clusterOutputs(reading(eks)).name?.value, 'shop');
  const other = { cluster_name: 'kafka', cluster_endpoint: 'kafka.eu-west-1.amazonaws.com', cluster_arn: 'arn:x' };
  assert.deepEqual(clusterOutputs(reading(other)), {});
  assert.deepEqual(clusterOutputs(reading({ eks_cluster_name: '', vpc_id: ['vpc-1'] })), {});
});

test('which of all that may name a cluster counts', () => {
  const outputs = clusterOutputs(reading({ eks_cluster_name: 'from-terraform' }));
  const nameOf = (one: TargetRequest, from = outputs): string => {
    const destination = chooseDestination(one, from);
    return destination.kind === 'eks' ? destination.name.value : `kubeconfig ${destination.kubeconfig ?? 'default'}`;
  };
  const expect = { cluster: 'expected', registries: [] };
  assert.deepEqual(
    [
      nameOf(request({ cluster: 'by-flag', expect })),
      nameOf(request({ expect })),
      nameOf(request({ expect }), {}),
      nameOf(request(), {}),
      nameOf(request({ kubeconfig: '/k', expect })),
      nameOf(request({ context: 'c' })),
      nameOf(request({ sandbox: '/s' })),
      nameOf(request(), { arn: { value: 'arn:aws:eks:us-east-1:123456789012:cluster/by-arn', by: 'x' } }),
    ],
    [
      'by-flag',
      'from-terraform',
      'expected',
      'kubeconfig default',
      'kubeconfig /k',
      'kubeconfig default',
      'kubeconfig /s',
      'by-arn',
    ],
  );
});

test('two flags that each name a cluster', () => {
  for (const rest of [
    { sandbox: '/s', cluster: 'c' },
    { kubeconfig: '/k', cluster: 'c' },
    { sandbox: '/s', context: 'x' },
  ])
    assert.throws(
      () => chooseDestination(request(rest), {}),
      (error) => error instanceof DeployError && error.code === 'usage' && /each name a cluster/.test(error.message),
    );
});

const server = 'https://ABC.gr7.us-east-1.eks.amazonaws.com';
const arn = 'arn:aws:eks:us-east-1:123456789012:cluster/shop';

test('a context as aws eks update-kubeconfig writes it', () => {
  const args = ['--region', 'us-east-1', 'eks', 'get-token', '--cluster-name', 'shop', '--output', 'json'];
  const exec = { args, env: { AWS_PROFILE: 'prod' } };
  assert.deepEqual(contextFacts({ context: arn, entry: arn, server, exec }), {
    isSandbox: false,
    arn,
    name: 'shop',
    region: 'us-east-1',
    profile: 'prod',
  });
  // A context may be given another name; the cluster's entry keeps its own.
  assert.equal(contextFacts({ context: 'prod', entry: arn, server, exec }).arn, arn);
});

test('a context as eksctl and aws-iam-authenticator write it, and one of elsewhere', () => {
  const eksctl = { args: ['eks', 'get-token', '--cluster-name=shop', '--region=eu-west-1'], env: {} };
  assert.deepEqual(contextFacts({ context: 'me@shop.eksctl.io', entry: 'shop.eksctl.io', server, exec: eksctl }), {
    isSandbox: false,
    name: 'shop',
    region: 'eu-west-1',
  });
  const authenticator = { args: ['token', '-i', 'shop'], env: {} };
  assert.equal(contextFacts({ context: 'x', entry: 'x', server, exec: authenticator }).name, 'shop');
  assert.deepEqual(contextFacts({ context: 'kind-dev', entry: 'kind-dev', server: 'https://127.0.0.1:6443' }), {
    isSandbox: false,
  });
});

test("a sandbox is told by its name on a loopback address: its name alone doesn't do", () => {
  const of = (context: string, address: string): boolean =>
    contextFacts({ context, entry: context, server: address }).isSandbox;
  assert.deepEqual(
    [
      of('oms-deploy-sandbox', 'https://127.0.0.1:1234'),
      of('oms-deploy-sandbox', server),
      of('kind-dev', 'https://127.0.0.1:1234'),
    ],
    [true, false, false],
  );
});

test('for the sandbox nobody reads outputs: there is nothing to compare', async () => {
  const unreadable = createSurroundings(
    { ...plainSurroundings('/nonexistent'), outputsFile: 'nowhere.json' },
    silentHost,
    new AbortController().signal,
  );
  const { destination, beforehand } = await readRequest(request({ sandbox: '/s/kubeconfig' }), unreadable);
  assert.deepEqual([destination, beforehand.outputs], [{ kind: 'kubeconfig', kubeconfig: '/s/kubeconfig' }, {}]);
  await assert.rejects(readRequest(request({ kubeconfig: '/k' }), unreadable), { code: 'invalid' });
});
