import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OverrideEntry } from '../../../src/config/overrides.ts';
import { overridesOf } from '../../../src/manifests/overrides.ts';
import { rulesOf } from '../../../src/manifests/placeholders/scan.ts';
import { type Rendering, render } from '../../../src/manifests/render.ts';
import { stampManifests } from '../../../src/manifests/stamp.ts';
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

function rendered(overrides: Readonly<Record<string, unknown>>, isPart = false, file = text): Rendering {
  const parsed = configOf({ overrides });
  const placed = parsed.overrides.map((one): OverrideEntry => {
    const placeOf: OverrideEntry['placeOf'] = (path) => ({
      origin: { file: 'oms-deploy.yaml', line: 12 + path.length },
      layer: 'file',
      isExact: true,
    });
    return { ...one, placeOf };
  });
  const config = { ...parsed, overrides: placed };
  const list = overridesOf(config, rulesOf(config.placeholders));
  return render([loaded(file)], valuesWith({ inputs, meant: ['host'] }), { overrides: list, isPart });
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
    [['placeholders/unresolved', { file: 'oms-deploy.yaml', line: 14 }]],
  );
});

test('where a document lacks a value nobody knows whether it has the object', () => {
  const config = configOf({ overrides: { 'Service/gone': { spec: {} } } });
  const file = loaded('apiVersion: v1\nkind: Service\nmetadata: {name: gone}\nspec: {externalName: "${host}"}\n');
  const overrides = overridesOf(config, rulesOf(config.placeholders));
  const { findings } = render([file], valuesWith({ missing: ['host'] }), { overrides, isPart: false });
  assert.deepEqual(findings, []);
});

const worker = `apiVersion: apps/v1
kind: Deployment
metadata: {name: worker}
spec:
  template:
    spec:
      containers:
        - name: side
          image: s:1
        - name: app
          image: a:1
          env:
            - name: HOST
              value: \${host}
            - name: PORT
              value: "\${port}"
`;

/** An override of the containers of a Deployment. */
function withContainers(...containers: readonly unknown[]): Rendering {
  return rendered({ 'Deployment/worker': { spec: { template: { spec: { containers } } } } }, false, worker);
}

test('what a patch would lose is an error at its place in the configuration', () => {
  const { findings } = withContainers(
    { name: 'app', env: [{ nme: 'LEVEL', value: 'warn' }, 'MODE=x', { value: 'y' }] },
    { $patch: 'remove', name: 'side' },
    { $patch: 'delete', name: 'sied' },
    { $patch: 'delete', name: 'other' },
  );
  const container = 'The override of Deployment/worker has an item in env';
  assert.deepEqual(
    findings.map(({ id, severity, cause, fix, origin }) => [id, severity, cause, fix, origin?.line].join(' | ')),
    [
      `overrides/patch | warning | The override of Deployment/worker deletes sied from containers, which doesn't have it. | Did you mean side? | 17`,
      `overrides/patch | warning | The override of Deployment/worker deletes other from containers, which doesn't have it. | Take it out of the override. | 17`,
      `overrides/patch | error | ${container} without name, by which the items are told apart. | Did you mean name where it says nme? | 19`,
      `overrides/patch | error | ${container} that isn't a mapping. | Write it as a mapping with name. | 19`,
      `overrides/patch | error | ${container} without name, by which the items are told apart. | Add name. | 19`,
      'overrides/patch | error | The override of Deployment/worker says $patch: remove: there is no such directive. | Use one of delete, merge, replace. | 18',
    ],
  );
});

const app = 'spec.template.spec.containers[1]';

test('a container that an override changes in part stays where it is written', () => {
  const { manifests } = withContainers(
    { $patch: 'delete', name: 'side' },
    { name: 'app', env: [{ name: 'A', value: 'x' }] },
  );
  const [changed] = manifests;
  assert.ok(changed);
  const places = [
    'containers[0]',
    'containers[0].securityContext',
    'containers[0].image',
    'containers[app].env[PORT].value',
  ];
  assert.deepEqual(
    places.map((path) => originOf(changed, `spec.template.spec.${path}`)),
    [10, 10, 11, 16].map((line) => ({ file: 'k8s/app.yaml', line })),
  );
  assert.deepEqual(originOf(changed, 'spec.template.spec.containers[0].env[0].value'), {
    file: 'oms-deploy.yaml',
    line: 20,
  });
});

test('what inputs have filled moves along with the items of a list; what an override replaces is filled no more', () => {
  const added = withContainers({ name: 'app', env: [{ name: 'FIRST', value: '1' }] });
  const replaced = withContainers({ name: 'app', env: [{ name: 'PORT', value: '1' }] });
  const removed = withContainers({ name: 'app', env: [{ $patch: 'delete', name: 'HOST' }] });
  const fillings = ({ manifests }: Rendering): readonly string[] =>
    (manifests[0]?.fillings ?? []).map(({ path, written }) => `${path.slice(4).join('.')} ${written}`);
  assert.deepEqual(fillings(added), ['1.env.1.value ${host}', '1.env.2.value ${port}']);
  assert.deepEqual(fillings(replaced), ['1.env.0.value ${host}']);
  assert.deepEqual(fillings(removed), ['1.env.0.value ${port}']);
});

test('what an override fills, replaces or takes away is in the configuration', () => {
  const { manifests } = withContainers({
    name: 'app',
    command: ['run'],
    env: [{ name: 'X', value: '${port}' }],
    image: null,
  });
  const [changed] = manifests;
  assert.ok(changed);
  const lineOf = (path: string): string => {
    const { file, line } = originOf(changed, path);
    return `${file}:${line}`;
  };
  assert.equal(lineOf(`${app}.command`), 'oms-deploy.yaml:18');
  assert.equal(lineOf(`${app}.image`), 'oms-deploy.yaml:18');
  assert.equal(lineOf(`${app}.env`), 'k8s/app.yaml:12');
  assert.equal(lineOf('metadata.name'), 'k8s/app.yaml:3');
  const [first] = changed.fillings?.filter(({ origin }) => origin.file === 'oms-deploy.yaml') ?? [];
  assert.deepEqual(first?.path.slice(4), ['1', 'env', '0', 'value']);
});

test('a key of a Secret that an override sets is in the configuration', () => {
  const file = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a.b: x, c: z}\n';
  const { manifests } = rendered({ 'Secret/s': { stringData: { 'a.b': 'y' } } }, false, file);
  const stamp = { application: 'shop', namespace: 'shop', writtenFor: [], labels: {}, isNamespaced: () => true };
  const [secret] = stampManifests(manifests, stamp);
  assert.ok(secret);
  assert.deepEqual(originOf(secret, 'data[a.b]'), { file: 'oms-deploy.yaml', line: 14 });
  assert.deepEqual(originOf(secret, 'data.c'), { file: 'k8s/app.yaml', line: 4 });
});

test('patches of one object are applied one after the other, and each field is where it was said last', () => {
  const patches = [
    { containers: [{ name: 'app', image: 'a:2', command: ['run'] }] },
    {
      containers: [
        { name: 'app', image: 'a:3', env: [{ name: 'PORT', $patch: 'delete' }] },
        { name: 'new', image: 'n:1' },
      ],
    },
  ];
  const entries = patches.map(
    (spec, index): OverrideEntry => ({
      object: 'Deployment/worker',
      patch: { spec: { template: { spec } } },
      layer: index === 0 ? 'file' : 'environment',
      placeOf: () => ({ origin: { file: `${index}.yaml`, line: 1 }, layer: 'file', isExact: true }),
    }),
  );
  const config = { ...configOf(), overrides: entries };
  const overrides = overridesOf(config, rulesOf(config.placeholders));
  const rendering = render([loaded(worker)], valuesWith({ inputs }), { overrides, isPart: false });
  assert.deepEqual(rendering.findings, []);
  const [changed] = rendering.manifests;
  assert.ok(changed);
  assert.deepEqual(at(changed.body, 'spec', 'template', 'spec', 'containers'), [
    { name: 'side', image: 's:1' },
    { name: 'app', image: 'a:3', command: ['run'], env: [{ name: 'HOST', value: 'db.example' }] },
    { name: 'new', image: 'n:1' },
  ]);
  const fileOf = (path: string): string => originOf(changed, `spec.template.spec.containers${path}`).file;
  assert.deepEqual(['[side].image', '[app].image', '[app].command', '[app].env[HOST]', '[new].image'].map(fileOf), [
    'k8s/app.yaml',
    '1.yaml',
    '0.yaml',
    'k8s/app.yaml',
    '1.yaml',
  ]);
});

/** `line cause fix` of what is found of a patch of the pod template, which is not applied then. */
function refused(template: unknown): readonly string[] {
  const { manifests, findings } = rendered({ 'Deployment/worker': { spec: { template } } }, false, worker);
  assert.deepEqual(manifests[0]?.body, rendered({}, false, worker).manifests[0]?.body);
  return findings.map(({ severity, cause, fix, origin }) => {
    assert.equal(severity, 'error');
    return `${origin?.line} ${cause.replace('The override of Deployment/worker ', '')} ${fix}`;
  });
}

test('a mapping, a list or a single value in the place of another is a mistake of the override', () => {
  assert.deepEqual(refused({ spec: { containers: { name: 'app' } } }), [
    '16 has a mapping for containers, which is a list. Make it a list: write - before its first field, with name in it.',
  ]);
  assert.deepEqual(refused({ spec: { containers: 'app' } }), [
    '16 has a single value for containers, which is a list. Make it a list.',
  ]);
  assert.deepEqual(refused({ spec: [{ hostNetwork: true }] }), [
    '15 has a list for spec, which is a mapping. Make it a mapping.',
  ]);
  assert.deepEqual(refused({ spec: { containers: [{ name: 'app', ports: { containerPort: 80 } }] } }), [
    '18 has a mapping for ports, which is a list. Make it a list: write - before its first field, with containerPort in it.',
  ]);
  assert.deepEqual(refused({ spec: { containers: [{ name: 'app', image: { tag: '2' } }] } }), [
    '18 has a mapping for image, which is a single value. Make it a single value.',
  ]);
});

test('a container that is mistyped is not added without an image', () => {
  assert.deepEqual(refused({ spec: { containers: [{ name: 'sied', env: [] }] } }), [
    '17 adds sied to containers, without an image. Did you mean side? If not, add image.',
  ]);
});

test('an object that one part of the configuration overrides by two names is told', () => {
  const { findings } = rendered({ 'Service/worker': { spec: {} }, 'service/shop/worker': { spec: {} } });
  assert.deepEqual(
    findings.map(({ id, origin, cause }) => `${id} ${origin?.line} ${cause}`),
    [
      'overrides/duplicate 12 The configuration overrides Service shop/worker twice: as Service/worker, and as service/shop/worker.',
    ],
  );
});
