import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageChange } from '../../../src/deploy/container-image.ts';
import { withOverrides } from '../../../src/deploy/overrides.ts';
import { DeployError } from '../../../src/errors.ts';
import { templateContainers } from '../../../src/manifests/containers.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { refOf } from '../../../src/model/object.ts';
import { live } from './helpers.ts';

function deployment(containers: readonly JsonObject[], initContainers?: readonly JsonObject[]): Manifest {
  const body = live({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template: { spec: { containers, ...(initContainers === undefined ? {} : { initContainers }) } } },
  });
  return { ref: refOf(body), body, origin: { file: 'a.yaml', line: 1 }, lineOf: () => undefined };
}

const app = { name: 'app', image: 'example.com/app:1', command: ['run'] };
const proxy = { name: 'proxy', image: 'example.com/proxy:1' };
const migrate = { name: 'migrate', image: 'example.com/migrate:1' };

function images(manifest: Manifest, choice: Parameters<typeof imageChange>[1]): readonly string[] {
  return templateContainers(imageChange(manifest, choice, false).body).map(({ name, image }) => `${name}=${image}`);
}

test('the only container is meant, its other fields stay, and no list appears', () => {
  const { body, shown } = imageChange(deployment([app]), { image: 'example.com/app:2' }, false);
  assert.deepEqual(body.spec, { template: { spec: { containers: [{ ...app, image: 'example.com/app:2' }] } } });
  assert.equal(shown, 'example.com/app:2');
});

test('beside init containers the only other one is meant; an init container is named', () => {
  const manifest = deployment([app], [migrate]);
  assert.deepEqual(images(manifest, { image: 'x:2' }), ['app=x:2', 'migrate=example.com/migrate:1']);
  assert.deepEqual(images(manifest, { container: 'migrate', image: 'x:2' }), ['app=example.com/app:1', 'migrate=x:2']);
  assert.equal(imageChange(manifest, { image: 'x:2' }, false).shown, 'app=x:2');
});

test('a tag or a digest alone is that of the image that the container has', () => {
  const digest = `sha256:${'1'.repeat(64)}`;
  const pinned = deployment([{ ...app, image: `example.com:5000/app:1@${digest}` }]);
  assert.deepEqual(images(deployment([app]), { image: ':2.0.0' }), ['app=example.com/app:2.0.0']);
  assert.deepEqual(images(pinned, { image: ':2.0.0' }), ['app=example.com:5000/app:2.0.0']);
  assert.deepEqual(images(pinned, { container: 'app', image: `@${digest}` }), [`app=example.com:5000/app@${digest}`]);
  assert.equal(imageChange(pinned, { image: ':2' }, false).shown, 'example.com:5000/app:2');
});

const moving: readonly (readonly [string, RegExp])[] = [
  ['2.0.0', /^Did you mean :2\.0\.0 \(another tag of example\.com\/app\)\?$/],
  ['v2', /^Did you mean :v2 \(another tag of example\.com\/app\)\?$/],
  [
    'stable',
    /^Did you mean :stable \(another tag of example\.com\/app\)\? Else name a tag or a digest\..*--allow-latest/,
  ],
  ['app', /^Name a tag or a digest\..*--allow-latest/],
  ['example.com/app', /^Name a tag or a digest\./],
  [':latest', /^Name a tag or a digest\./],
];

for (const [image, fix] of moving) {
  test(`${image} has no fixed version, and is taken where that is allowed`, () => {
    const manifest = deployment([app]);
    assert.throws(
      () => imageChange(manifest, { image }, false),
      (error) => error instanceof DeployError && error.code === 'usage' && fix.test(error.fix ?? ''),
    );
    const { shown } = imageChange(manifest, { image }, true);
    assert.equal(shown, image.startsWith(':') ? `example.com/app${image}` : image);
  });
}

const unclear: readonly (readonly [string, string | undefined, RegExp, RegExp])[] = [
  ['several containers', undefined, /has several containers/, /--container app/],
  ['an unknown container', 'prox', /has no container prox/, /Did you mean proxy\?/],
  ['nothing like one', 'something', /has no container something/, /--container app/],
];

for (const [name, container, message, fix] of unclear) {
  test(`${name}: all of them are listed`, () => {
    const choice = { image: 'x:2', ...(container === undefined ? {} : { container }) };
    assert.throws(
      () => imageChange(deployment([app, proxy], [migrate]), choice, false),
      (error) => {
        assert.ok(error instanceof DeployError && error.code === 'usage');
        assert.match(error.message, message);
        assert.match(error.why ?? '', /app \(example.com\/app:1\), proxy .*migrate \(init, example.com\/migrate:1\)/);
        assert.match(error.fix ?? '', fix);
        return true;
      },
    );
  });
}

test('overrides: the newest of a container counts, those of others stay, an image that stayed is none', () => {
  const [before, after] = [deployment([app, proxy]), deployment([{ ...app, image: 'x:3' }, proxy])];
  const workload = before.ref;
  const other = { workload: { ...workload, name: 'other' }, container: 'app', image: 'y:1' };
  const older = { workload, container: 'app', image: 'x:2' };
  assert.deepEqual(withOverrides([older, other], workload, before.body, after.body), [
    other,
    { workload, container: 'app', image: 'x:3' },
  ]);
  assert.deepEqual(withOverrides([older, other], workload, before.body, before.body), [older, other]);
});
