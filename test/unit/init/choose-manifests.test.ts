import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseManifests } from '../../../src/init/choose-manifests.ts';
import { renderedMark } from '../../../src/manifests/rendered-mark.ts';

const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
const kustomization = (...resources: readonly string[]): string => `resources: [${resources.join(', ')}]\n`;

/** The paths that are taken of these files; those without a text hold an object. */
function pathsOf(
  files: readonly (string | readonly [string, string])[],
  given: readonly string[] = [],
  applied: readonly string[] = [],
) {
  const texts = files.map((file) =>
    typeof file === 'string' ? { path: file, text: object } : { path: file[0], text: file[1] },
  );
  return chooseManifests(
    texts,
    given.map((path) => ({ path, roots: [path] })),
    applied,
  );
}

const choices: readonly (readonly [what: string, files: Parameters<typeof pathsOf>[0], paths: readonly string[]])[] = [
  ['a usual folder', ['k8s/a.yaml', 'src/b.yaml'], ['k8s']],
  [
    'folders by kind',
    ['configmaps/a.yaml', 'deployments/b.yaml', 'namespace.yaml'],
    ['configmaps', 'deployments', 'namespace.yaml'],
  ],
  ['one file', ['app.yaml', ['package.json', '{}'], ['docker-compose.yml', 'services: {}']], ['app.yaml']],
  ['a folder of another name', ['cluster/a.yaml', 'cluster/b/c.yaml', ['values.yaml', 'a: 1']], ['cluster']],
  [
    'folders of services',
    ['services/a/k8s/x.yaml', 'services/b/k8s/y.yaml', ['services/b/package.json', '{}']],
    ['services/a/k8s', 'services/b/k8s'],
  ],
  ['files beside others', ['ops/a.yaml', ['ops/b.yaml', 'x: 1']], ['ops/a.yaml']],
  ['not those of tests and examples', ['examples/a.yaml', 'test/b.yaml', 'app/c.yaml'], ['app']],
  ['JSON', [['app.json', '{"apiVersion": "v1", "kind": "Pod"}']], ['app.json']],
  ['JSON over several lines', [['app.json', '{\n  "apiVersion": "v1",\n  "kind": "Pod"\n}']], ['app.json']],
  ['not what was rendered of them', ['ops/a.yaml', ['deploy/a.yaml', `${renderedMark}\n${object}`]], ['ops']],
  ['not the configuration of a tool', [['kind.yaml', 'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n']], []],
  [
    'an overlay',
    [
      'k8s/base/a.yaml',
      ['k8s/base/kustomization.yaml', kustomization('a.yaml')],
      ['k8s/prod/kustomization.yaml', kustomization('../base')],
    ],
    ['k8s/prod'],
  ],
  [
    'several overlays: never production unasked',
    [
      'k8s/base/a.yaml',
      ['k8s/base/kustomization.yaml', kustomization('a.yaml')],
      ['k8s/overlays/prod/kustomization.yaml', kustomization('../../base')],
      ['k8s/overlays/staging/kustomization.yaml', kustomization('../../base')],
    ],
    ['k8s/overlays/staging'],
  ],
];

for (const [what, files, paths] of choices) {
  test(`what is taken: ${what}`, () => {
    assert.deepEqual(pathsOf(files).paths, paths);
  });
}

test('what is given goes before what is usual', () => {
  assert.deepEqual(pathsOf(['k8s/a.yaml', 'other/b.yaml'], ['other']).paths, ['other']);
  assert.deepEqual(pathsOf(['k8s/a.yaml'], ['nowhere']).files, []);
});

test('an overlay that is given brings what it is built on', () => {
  const files: Parameters<typeof pathsOf>[0] = [
    'k8s/base/a.yaml',
    'k8s/other/b.yaml',
    ['k8s/base/kustomization.yaml', kustomization('a.yaml')],
    ['k8s/prod/kustomization.yaml', kustomization('../base')],
  ];
  const chosen = pathsOf(files, ['k8s/prod']);
  assert.deepEqual(chosen.paths, ['k8s/prod']);
  assert.deepEqual(chosen.files.map(({ path }) => path).sort(), [
    'k8s/base/a.yaml',
    'k8s/base/kustomization.yaml',
    'k8s/prod/kustomization.yaml',
  ]);
});

test('of several folders the one that is deployed today, and the others are named', () => {
  const files = ['k8s/a.yaml', 'deploy/b.yaml'];
  assert.deepEqual([pathsOf(files).paths, pathsOf(files).others], [['k8s'], ['deploy']]);
  const applied = pathsOf(files, [], ['./deploy/b.yaml']);
  assert.deepEqual([applied.paths, applied.others], [['deploy'], ['k8s']]);
});

test('overlays become environments', () => {
  const { overlays } = pathsOf([
    ['k8s/base/kustomization.yaml', kustomization()],
    ['k8s/dev/kustomization.yaml', kustomization('../base')],
    ['k8s/prod/kustomization.yaml', kustomization('../base/')],
  ]);
  assert.deepEqual(overlays, [
    { name: 'dev', path: 'k8s/dev' },
    { name: 'prod', path: 'k8s/prod' },
  ]);
});

test('the namespace of an overlay is its own, else that of what it is built on', () => {
  const chosen = pathsOf([
    ['k8s/base/kustomization.yaml', `namespace: shop\n${kustomization()}`],
    ['k8s/dev/kustomization.yaml', `namespace: shop-dev\n${kustomization('../base')}`],
    ['k8s/odd/kustomization.yaml', `namespace: \${NAMESPACE}\n${kustomization()}`],
    ['k8s/prod/kustomization.yaml', kustomization('../base')],
  ]);
  assert.deepEqual(
    chosen.overlays.map(({ name, namespace }) => [name, namespace]),
    [
      ['dev', 'shop-dev'],
      ['odd', undefined],
      ['prod', 'shop'],
    ],
  );
  assert.deepEqual(chosen.kustomizations, [{ path: 'k8s/dev', namespace: 'shop-dev' }]);
});
