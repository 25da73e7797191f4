import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClusterIdentity, unknownIdentity } from '../../../src/cluster/cluster.ts';
import { ecrRegistryOf } from '../../../src/model/ecr.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { registryFindings } from '../../../src/target/registries.ts';
import { manifest } from '../manifests/helpers.ts';

const identity: ClusterIdentity = {
  ...unknownIdentity,
  account: '123456789012',
  region: 'us-east-1',
  partition: 'aws',
};

function withImages(...images: readonly string[]): ReturnType<typeof manifest> {
  const containers = images.map((image, index) => ({ name: `c${index}`, image }));
  const body: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template: { spec: { containers } } },
  };
  return manifest(body, 3);
}

test('registries by their host', () => {
  assert.deepEqual(ecrRegistryOf('123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:1'), {
    host: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
    account: '123456789012',
    region: 'us-east-1',
    partition: 'aws',
  });
  const partitionOf = (host: string): string | undefined => ecrRegistryOf(`${host}/web`)?.partition;
  assert.equal(partitionOf('123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn'), 'aws-cn');
  assert.equal(partitionOf('123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com'), 'aws-us-gov');
  for (const image of ['nginx', 'public.ecr.aws/nginx', 'example.com/123456789012.dkr.ecr.us-east-1.amazonaws.com/x'])
    assert.equal(ecrRegistryOf(image), undefined, image);
});

test('the registry of the target, and those from elsewhere, pass', () => {
  const own = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1';
  assert.deepEqual(registryFindings([withImages(own, 'nginx:1', 'ghcr.io/a/b:2')], identity), []);
});

test('another account, region or partition is told once for its registry, with the object', () => {
  const images = [
    '999999999999.dkr.ecr.us-east-1.amazonaws.com/web:1',
    '999999999999.dkr.ecr.us-east-1.amazonaws.com/api:1',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1',
    '123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/web:1',
  ];
  const findings = registryFindings([withImages(...images)], identity);
  assert.deepEqual(
    findings.map(({ id, evidence }) => [id, evidence]),
    [
      ['target/registry', ['the account of the image is 999999999999, that of the target 123456789012']],
      ['target/registry', ['the region of the image is eu-west-1, that of the target us-east-1']],
      ['target/registry', ['the partition of the image is aws-cn, that of the target aws']],
    ],
  );
  assert.equal(findings[0]?.object?.name, 'web');
});

test('what the configuration names is meant; a sandbox and an unknown account say nothing', () => {
  const other = withImages('999999999999.dkr.ecr.us-east-1.amazonaws.com/web:1');
  const meant = { ...identity, registries: ['999999999999.dkr.ecr.us-east-1.amazonaws.com'] };
  assert.deepEqual(registryFindings([other], meant), []);
  assert.deepEqual(registryFindings([other], { ...identity, isSandbox: true }), []);
  assert.deepEqual(registryFindings([other], unknownIdentity), []);
});
