import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overridesOf } from '../../../src/manifests/overrides.ts';
import { rulesOf } from '../../../src/manifests/placeholders/scan.ts';
import { type Rendering, render } from '../../../src/manifests/render.ts';
import { usesOf } from '../../../src/manifests/uses.ts';
import { at } from '../../../src/model/json.ts';
import { inputsAt, originOf } from '../../../src/model/manifest.ts';
import { configOf } from '../../support/config.ts';
import { inputsFrom, loaded, valuesWith } from './helpers.ts';

const text = `apiVersion: v1
kind: Service
metadata: {name: worker, namespace: shop}
spec:
  type: ClusterIP
  ports: []
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {a: "1"}
`;

const inputs = inputsFrom('terraform', { host: 'db.example', port: 5432 });

function rendered(overrides: Readonly<Record<string, unknown>>, isPart = false): Rendering {
  const parsed = configOf({ overrides });
  const config: typeof parsed = {
    ...parsed,
    placeOf: (path) => ({
      origin: { file: 'oms-deploy.yaml', line: 10 + path.length },
      layer: 'file',
      isExact: true,
    }),
  };
  const list = overridesOf(config, rulesOf(config.placeholders));
  return render([loaded(text)], valuesWith({ inputs, meant: ['host'] }), { overrides: list, isPart });
}

test('the fields of an override are merged into its object, placeholders filled by the type of their place', () => {
  const { manifests, findings } = rendered({
    'service/worker': { spec: { clusterIP: 'None', ports: [{ port: '${port}' }] } },
    'ConfigMap/settings': { data: { a: null, host: 'h-${host}', port: '${port}' } },
  });
  assert.deepEqual(findings, []);
  const [service, settings] = manifests;
  assert.deepEqual(service?.body.spec, { type: 'ClusterIP', ports: [{ port: 5432 }], clusterIP: 'None' });
  assert.deepEqual(settings?.body.data, { host: 'h-db.example', port: '5432' });
  assert.equal(at(settings?.body, 'kind'), 'ConfigMap');
});

test('a field that is overridden is in the configuration, others in the file', () => {
  const { manifests } = rendered({ 'Service/shop/worker': { spec: { clusterIP: '${host}' } } });
  const [service] = manifests;
  assert.ok(service);
  assert.deepEqual(originOf(service, 'spec.clusterIP'), { file: 'oms-deploy.yaml', line: 14 });
  assert.deepEqual(originOf(service, 'spec.type'), { file: 'k8s/app.yaml', line: 5 });
  assert.deepEqual(
    inputsAt(service, { file: 'oms-deploy.yaml', line: 14 }).map(({ name }) => name),
    ['host'],
  );
});

test('the inputs of an override are used, at its own place', () => {
  const config = configOf({ overrides: { 'Service/worker': { spec: { externalName: '${host}' } } } });
  const [override] = overridesOf(config, rulesOf(config.placeholders));
  assert.ok(override);
  assert.deepEqual([...usesOf([override.file]).names], [['host', { file: 'oms-deploy.yaml', line: 1 }]]);
});

test('an object that there is not: what was meant, unless the manifests are a part', () => {
  const { findings } = rendered({ 'Service/wroker': { spec: {} }, 'Service/other/worker': { spec: {} } });
  assert.deepEqual(
    findings.map(({ id, cause, origin, fix }) => `${id} ${origin?.line} ${cause} ${fix}`),
    [
      "overrides/unknown 12 The configuration overrides Service/wroker, which the manifests don't have. Did you mean Service/worker?",
      "overrides/unknown 12 The configuration overrides Service/other/worker, which the manifests don't have. Did you mean Service/shop/worker or Service/worker?",
    ],
  );
  assert.deepEqual(rendered({ 'Service/wroker': { spec: {} } }, true).findings, []);
});

test('an object can be left out', () => {
  const { manifests } = rendered({ 'ConfigMap/settings': { $patch: 'delete' } });
  assert.deepEqual(
    manifests.map(({ ref }) => ref.kind),
    ['Service'],
  );
});

test('a placeholder of an override without a value is told at its place', () => {
  const { findings } = rendered({ 'Service/worker': { spec: { externalName: '${nowhere}' } } });
  assert.deepEqual(
    findings.map(({ id, origin }) => [id, origin]),
    [['placeholders/unresolved', { file: 'oms-deploy.yaml', line: 12 }]],
  );
});

test('where a document lacks a value nobody knows whether it has the object', () => {
  const config = configOf({ overrides: { 'Service/gone': { spec: {} } } });
  const file = loaded('apiVersion: v1\nkind: Service\nmetadata: {name: gone}\nspec: {externalName: "${host}"}\n');
  const overrides = overridesOf(config, rulesOf(config.placeholders));
  const { findings } = render([file], valuesWith({ missing: ['host'] }), { overrides, isPart: false });
  assert.deepEqual(findings, []);
});
