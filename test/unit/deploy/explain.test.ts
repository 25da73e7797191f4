import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillingsByPath, leavesOf, meantFields } from '../../../src/deploy/explain/fields.ts';
import { findManifest } from '../../../src/deploy/explain/find-object.ts';
import { inputsFrom, manifestsIn, renderText } from '../manifests/helpers.ts';

const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app.kubernetes.io/name: web}}
spec:
  replicas: \${replicas}
  template:
    spec:
      containers:
        - name: app
          image: host/web:\${tag}
          env: [{name: LEVEL, value: \${level}}, {name: MODE, value: x}]
          resources: {limits: {cpu: "1", memory: 1Gi}}
`;

const { manifests } = renderText(text, { inputs: inputsFrom('env', { replicas: '2', tag: '1', level: 'Debug' }) });
const [web] = manifests;
assert.ok(web);
const paths = leavesOf(web.body).map(({ path }) => path);

const container = 'spec.template.spec.containers[app]';
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['spec.replicas', ['spec.replicas']],
  ['replicas', ['spec.replicas']],
  ['image', [`${container}.image`]],
  ['LEVEL', [`${container}.env[LEVEL].value`]],
  ['app.kubernetes.io/name', ['metadata.labels[app.kubernetes.io/name]']],
  ['resources', [`${container}.resources.limits.cpu`, `${container}.resources.limits.memory`]],
  ['limits.cpu', [`${container}.resources.limits.cpu`]],
  ['repl', []],
];

for (const [wanted, expected] of cases)
  test(`the field ${wanted}`, () => assert.deepEqual(meantFields(paths, wanted), expected));

test('what was filled, by the paths of plans', () => {
  assert.deepEqual(
    [...fillingsByPath(web)].map(([path, { written }]) => [path, written]),
    [
      ['spec.replicas', '${replicas}'],
      [`${container}.image`, 'host/web:${tag}'],
      [`${container}.env[LEVEL].value`, '${level}'],
    ],
  );
});

test('an object by kind and name, in the words of kubectl; one that is not clear', () => {
  const all = manifestsIn(
    ['Service', 'Ingress', 'NetworkPolicy']
      .map((kind) => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: web, namespace: shop}\n---\n`)
      .join(''),
  );
  for (const name of ['svc/web', 'service/web', 'Services/web', 'service/shop/web'])
    assert.equal(findManifest(name, all).ref.kind, 'Service');
  assert.equal(findManifest('networkpolicies/web', all).ref.kind, 'NetworkPolicy');
  assert.throws(() => findManifest('web', all), /web is not clear/);
  assert.throws(() => findManifest('svc/other/web', all), { code: 'usage', fix: /Did you mean|Name one/ });
});
