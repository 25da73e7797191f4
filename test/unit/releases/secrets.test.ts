import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretFinder } from '../../../src/inputs/redact.ts';
import { namesOf } from '../../../src/manifests/identity.ts';
import type { Path } from '../../../src/model/field-path.ts';
import type { Input } from '../../../src/model/input.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { type KubernetesObject, refOf } from '../../../src/model/object.ts';
import { newKey, putBack, seal, secretPathsOf, takeOut, unseal } from '../../../src/releases/secrets.ts';

const password = 'p@ss word/1';

const deployment: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', annotations: { note: `x${Buffer.from(password).toString('base64')}` } },
  spec: {
    replicas: 1,
    containers: [
      { name: 'a', env: [{ name: 'URL', value: `redis://:${encodeURIComponent(password)}@db` }] },
      { name: 'b', args: ['--plain', password] },
    ],
  },
};

function manifestOf(body: KubernetesObject, fillings: Manifest['fillings'] = []): Manifest {
  return { ref: refOf(body), body, origin: { file: 'app.yaml', line: 1 }, lineOf: () => undefined, fillings };
}

/** The paths in an object whose only names are its own. */
function pathsOf(body: KubernetesObject, values: readonly string[], fillings?: Manifest['fillings']): readonly Path[] {
  const manifest = manifestOf(body, fillings);
  return secretPathsOf(
    manifest,
    secretFinder(values, () => namesOf([manifest])),
  );
}

test('a secret is found in every text that holds it, in its encodings', () => {
  assert.deepEqual(pathsOf(deployment, [password]), [
    ['metadata', 'annotations', 'note'],
    ['spec', 'containers', 0, 'env', 0, 'value'],
    ['spec', 'containers', 1, 'args', 1],
  ]);
  assert.deepEqual(pathsOf(deployment, ['other', 'p@s']), []);
});

test('all values of a Secret are secret, its names are not', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'YQ==' }, type: 'Opaque' };
  assert.deepEqual(pathsOf(secret, []), [['data', 'a']]);
});

const worker: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'worker', namespace: 'worker', labels: { app: 'worker' }, annotations: { by: 'user=worker' } },
  spec: {
    selector: { matchLabels: { app: 'worker' } },
    template: {
      metadata: { labels: { app: 'worker' } },
      spec: {
        serviceAccountName: 'worker',
        containers: [
          {
            name: 'worker',
            image: 'example.com/shop/worker:1',
            args: ['run-worker', 'worker'],
            env: [
              { name: 'USER', value: 'worker' },
              { name: 'DB', value: 'mongodb://worker:x@db' },
              { name: 'QUEUE', value: 'http://worker.shop.svc/worker-1' },
            ],
          },
        ],
      },
    },
  },
};

const container = ['spec', 'template', 'spec', 'containers', 0] as const;

test('what names something is not secret because a secret is the same word, what is in it is', () => {
  assert.deepEqual(pathsOf(worker, ['worker']), [
    ['metadata', 'annotations', 'by'],
    [...container, 'args', 1],
    [...container, 'env', 0, 'value'],
    [...container, 'env', 1, 'value'],
  ]);
});

/** As the place stands in a file, without its place in a list. */
function filling(...path: readonly string[]): NonNullable<Manifest['fillings']>[number] {
  const source = { kind: 'file', detail: '.env' } as const;
  const user: Input = { name: 'db_user', value: 'worker', secret: true, source };
  return { path, origin: { file: 'app.yaml', line: 1 }, written: '${db_user}', inputs: [user] };
}

test('a name that a secret input has filled is secret', () => {
  // An override has put another container before it.
  const fillings = [filling('spec', 'template', 'spec', 'containers', '1', 'image')];
  const taken = new Set(pathsOf(worker, ['worker'], fillings).map((path) => path.join('.')));
  assert.ok(taken.has([...container, 'image'].join('.')));
  // Here the very same word is the secret.
  assert.ok(taken.has('metadata.name'));
  assert.ok(taken.has([...container, 'env', 0, 'value'].join('.')));
  assert.ok(!taken.has('kind'));
});

test('a copy of a filled name is secret, and no name with a secret in it is told', () => {
  const labels = { 'app.kubernetes.io/name': 'job-worker', app: 'web' };
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'job-worker', labels } };
  const fillings = [filling('metadata', 'name')];
  assert.deepEqual(pathsOf(job, ['worker'], fillings), [
    ['metadata', 'name'],
    ['metadata', 'labels', 'app.kubernetes.io/name'],
  ]);
  const names = namesOf([manifestOf(job, fillings), manifestOf(worker)]);
  assert.deepEqual([...names].sort(), ['DB', 'Deployment', 'Job', 'QUEUE', 'USER', 'apps/v1', 'batch/v1', 'web']);
});

test('a secret too short to be found goes by its place', () => {
  assert.deepEqual(pathsOf(worker, ['x'], [filling('metadata', 'annotations', 'by')]), [
    ['metadata', 'annotations', 'by'],
  ]);
});

test('the keys of a ConfigMap are no names, whatever they are called', () => {
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'm' },
    data: { name: 'a hunter22', image: 'b' },
  };
  assert.deepEqual(pathsOf(map, ['hunter22']), [['data', 'name']]);
});

test('what is taken out is put back to where it was', () => {
  const paths = pathsOf(deployment, [password]);
  const { body, values } = takeOut(deployment, paths);
  assert.doesNotMatch(JSON.stringify(body), /p@ss|p%40ss/);
  assert.deepEqual(putBack(body, paths, values), deployment);
});

test('what is sealed opens with its key and purpose alone, and only as it was', () => {
  const [key, content] = [newKey(), Buffer.from('content')];
  const sealed = seal(content, key, 'v1');
  assert.ok(!sealed.includes('content'));
  assert.deepEqual(unseal(sealed, key, 'v1'), content);
  assert.notDeepEqual(seal(content, key, 'v1'), sealed, 'the same twice would show that nothing has changed');
  assert.throws(() => unseal(sealed, newKey(), 'v1'));
  assert.throws(() => unseal(sealed, key, 'v2'));
  const altered = Buffer.from(sealed);
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
  assert.throws(() => unseal(altered, key, 'v1'));
});
