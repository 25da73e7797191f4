import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideNames } from '../../../src/init/decide-names.ts';
import { expectations } from '../../../src/init/expectations.ts';
import { withHelpers } from '../../../src/init/helpers.ts';
import { isOwnImage, movingImages, ownName } from '../../../src/init/own-images.ts';
import { propose } from '../../../src/init/propose.ts';
import { configMap, deploymentOf, manifestsOf } from './helpers.ts';

const origin = { file: 'k8s/app.yaml', line: 1 };
const image = (repository: string, tag?: string) => ({
  repository,
  isPinned: false,
  origin,
  ...(tag === undefined ? {} : { tag }),
});
const ecr = (account: string, region = 'eu-west-1') =>
  image(`${account}.dkr.ecr.${region}.amazonaws.com/shop/web`, '1');

test('what is expected of the target is what all say that name it', () => {
  const role = deploymentOf(
    'role=arn:aws:iam::111111111111:role/deploy\naws eks update-kubeconfig --name shop --region eu-west-1',
  );
  const values = (images: Parameters<typeof expectations>[0]['images']) =>
    Object.fromEntries(Object.entries(expectations({ images }, role)).map(([name, { value }]) => [name, value]));
  const all = { account: '111111111111', cluster: 'shop', region: 'eu-west-1' };
  assert.deepEqual(values([ecr('111111111111')]), all);
  assert.deepEqual(values([]), all);
  assert.deepEqual(values([ecr('222222222222')]), { cluster: 'shop', region: 'eu-west-1' });
  assert.deepEqual(values([ecr('111111111111', 'us-east-1')]), { account: '111111111111', cluster: 'shop' });
  assert.deepEqual(expectations({ images: [] }, deploymentOf('')), {});
});

const names: readonly (readonly [repository: string, name: string, isOwn: boolean])[] = [
  ['<ACCOUNT>.dkr.ecr.<REGION>.amazonaws.com/shop/web', 'shop/web', true],
  ['${REGISTRY}/web', 'web', true],
  ['111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop/web', 'shop/web', true],
  ['registry.example:5000/web', 'web', true],
  ['REGISTRY_URL/web', 'web', true],
  ['nginx', 'nginx', false],
  ['bitnami/redis', 'bitnami/redis', false],
  ['quay.io/prometheus/prometheus', 'prometheus/prometheus', false],
];

for (const [repository, name, isOwn] of names) {
  test(`${repository} is called ${name}, and ${isOwn ? 'the application’s' : 'somebody else’s'}`, () => {
    assert.deepEqual([ownName(repository), isOwnImage(image(repository))], [name, isOwn]);
  });
}

test('images without a version, but for those that Kustomize gives one', () => {
  const images = [
    image('a.example/one'),
    image('a.example/two', 'latest'),
    image('a.example/three', '3'),
    image('a.example/four'),
  ];
  assert.deepEqual(movingImages(images, []), ['one', 'two', 'four']);
  const text = 'images:\n  - name: a.example/four\n    newTag: "4"\n';
  assert.deepEqual(movingImages(images, [{ path: 'k8s/kustomization.yaml', text }]), ['one', 'two']);
});

/** What application and namespace are called, by what there is. */
function namesOf(
  manifests: string,
  more: { readonly script?: string; readonly given?: string; readonly packageName?: string } = {},
) {
  const files =
    more.packageName === undefined ? [] : [{ path: 'package.json', text: JSON.stringify({ name: more.packageName }) }];
  const given = more.given === undefined ? undefined : { value: more.given, reason: 'given' };
  const { application, namespace } = decideNames(manifestsOf(manifests), deploymentOf(more.script ?? ''), given, {
    cwd: '/src/My Shop',
    files,
    chosen: { kustomizations: [], overlays: [] },
  });
  return [application.value, namespace.value, namespace.isSure];
}

const inNamespaces = (...namespaces: readonly string[]): string =>
  namespaces
    .map((namespace, index) =>
      configMap({ a: 'b' }).replace('{name: settings}', `{name: c${index}, namespace: ${namespace}}`),
    )
    .join('---\n');

test('application and namespace', () => {
  assert.deepEqual(namesOf(configMap({ a: 'b' })), ['my-shop', 'my-shop', false]);
  assert.deepEqual(namesOf(configMap({ a: 'b' }), { script: 'kubectl -n live apply -f k8s' }), [
    'my-shop',
    'live',
    true,
  ]);
  assert.deepEqual(namesOf(configMap({ a: 'b' }), { packageName: '@acme/store' }), ['store', 'store', false]);
  // As a deploy without a configuration calls it: what that has deployed stays of the same application.
  for (const packageName of [undefined, '@acme/store']) {
    const more = packageName === undefined ? {} : { packageName };
    assert.deepEqual(namesOf(configMap({ a: 'b' }), { given: 'shop', ...more }), ['shop', 'shop', true]);
    assert.deepEqual(namesOf(inNamespaces('shop'), more), ['shop', 'shop', true]);
    assert.deepEqual(namesOf(inNamespaces('shop'), { given: 'elsewhere', ...more }), ['shop', 'elsewhere', true]);
  }
  assert.deepEqual(namesOf(configMap({ a: 'b' }), { given: 'shop-dev' }), ['shop', 'shop-dev', true]);
  assert.deepEqual(namesOf(configMap({ a: 'b' }), { given: 'prod' }), ['my-shop', 'prod', true]);
  assert.deepEqual(namesOf(configMap({ a: 'b' }), { given: 'default' }), ['my-shop', 'default', true]);
  assert.deepEqual(namesOf(inNamespaces('shop')), ['shop', 'shop', true]);
  // An application is the same one in all of its stages.
  for (const stage of ['shop-dev', 'staging-shop', 'shop-production', 'uat-shop', 'shop-qa'])
    assert.deepEqual(namesOf(inNamespaces(stage)), ['shop', stage, true]);
  assert.deepEqual(namesOf(inNamespaces('shop-dev', 'shop-prod')), ['shop', 'shop-dev', true]);
  assert.deepEqual(namesOf(inNamespaces('prod')), ['my-shop', 'prod', true]);
  assert.deepEqual(namesOf(inNamespaces('test-lab-devices')), ['lab-devices', 'test-lab-devices', true]);
  assert.deepEqual(namesOf(inNamespaces('contest')), ['contest', 'contest', true]);
  assert.deepEqual(namesOf(inNamespaces('default')), ['my-shop', 'default', true]);
  assert.deepEqual(namesOf(inNamespaces('front', 'back', 'back')), ['my-shop', 'back', true]);
  const labelled = configMap({ a: 'b' }).replace(
    '{name: settings}',
    '{name: c, labels: {app.kubernetes.io/part-of: store}}',
  );
  assert.deepEqual(namesOf(labelled), ['store', 'store', false]);
});

test('what a composed input is made of is declared, too', () => {
  const proposals = propose(manifestsOf(configMap({ a: '<ECR_REGISTRY>', b: '<AWS_REGION>' })).inputs, {
    deployment: deploymentOf(''),
    terraform: { outputs: [], isReal: false },
  });
  assert.deepEqual(
    withHelpers(proposals).map(({ input, sources }) => [input.name, sources]),
    [
      ['ecr_registry', []],
      ['aws_region', [{ aws: 'region' }]],
      ['aws_account_id', [{ aws: 'account' }]],
      ['aws_dns_suffix', [{ aws: 'dns-suffix' }]],
    ],
  );
});
