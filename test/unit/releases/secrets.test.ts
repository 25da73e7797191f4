import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../../src/model/object.ts';
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

test('a secret is found in every text that holds it, in its encodings', () => {
  assert.deepEqual(secretPathsOf(deployment, [password]), [
    ['metadata', 'annotations', 'note'],
    ['spec', 'containers', 0, 'env', 0, 'value'],
    ['spec', 'containers', 1, 'args', 1],
  ]);
  assert.deepEqual(secretPathsOf(deployment, ['other', 'p@s']), []);
});

test('all values of a Secret are secret, its names are not', () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'YQ==' }, type: 'Opaque' };
  assert.deepEqual(secretPathsOf(secret, []), [['data', 'a']]);
});

test('what is taken out is put back to where it was', () => {
  const paths = secretPathsOf(deployment, [password]);
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
