import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conceal } from '../../../src/deploy/conceal.ts';
import type { Input } from '../../../src/model/input.ts';
import { renderText } from '../manifests/helpers.ts';

const text = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
        - name: c
          image: web:1
          env:
            - name: PLAIN
              value: a
            - name: FILLED
              value: "\${pin}"
`;
const pin: Input = { name: 'pin', value: 'new-pin', secret: true, source: { kind: 'env', detail: 'OMS_INPUT_PIN' } };
const [deployment] = renderText(text, { inputs: new Map([['pin', pin]]) }).manifests;
const [settings] = renderText('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  url: x\n').manifests;
assert.ok(deployment && settings);

const env = 'spec.template.spec.containers[c].env';

/** What a plan must not show of a value that was a secret before this run, and what it may show. */
const cases: readonly (readonly [string, typeof deployment, string, string, string])[] = [
  ['what a secret input fills', deployment, `${env}[FILLED].value`, 'old-pin', '****'],
  ['a variable with the name of a credential', deployment, `${env}[DB_PASSWORD].value`, 'old-pin', '****'],
  ['the same in camel case', deployment, `${env}[Redis__AuthToken]`, 'old-pin', '****'],
  ['a key with the name of a credential', settings, 'data.api-key', 'old-pin', '****'],
  ['a key that needs brackets', settings, 'data[db.password]', 'old-pin', '****'],
  ['the password in a URL', settings, 'data.url', 'redis://u:old-pin@host/1', 'redis://u:****@host/1'],
  ['a URL without a password', settings, 'data.url', 'redis://host:6379/@x', 'redis://host:6379/@x'],
  ['another variable', deployment, `${env}[PLAIN].value`, 'b', 'b'],
  ['an image', deployment, 'spec.template.spec.containers[c].image', 'web:0', 'web:0'],
  ['the name of a Secret', deployment, 'spec.template.spec.volumes[v].secret.secretName', 'a', 'a'],
];

for (const [name, manifest, path, before, shown] of cases) {
  test(`shown of ${name}: ${shown}`, () => {
    assert.deepEqual(conceal([{ path, before }], manifest), [{ path, before: shown }]);
    assert.deepEqual(conceal([{ path, after: before }], manifest), [{ path, after: shown }]);
  });
}

test('of what is shown as a whole the values of credentials are hidden, too', () => {
  const sidecar = {
    name: 'sidecar',
    image: 'sidecar:1',
    env: [
      { name: 'DB_PASSWORD', value: 'old-pin' },
      { name: 'DB_TOKEN', valueFrom: { secretKeyRef: { name: 'db', key: 'token' } } },
      { name: 'PLAIN', value: 'redis://u:old-pin@host' },
    ],
  };
  const path = 'spec.template.spec.containers[sidecar]';
  const [field] = conceal([{ path, after: sidecar }], deployment);
  const [password, ...others] = sidecar.env;
  assert.deepEqual(field?.after, {
    ...sidecar,
    env: [{ ...password, value: '****' }, others[0], { name: 'PLAIN', value: 'redis://u:****@host' }],
  });
  assert.deepEqual(conceal([{ path: 'data', after: { 'api-key': 'old-pin', level: 'low' } }], settings), [
    { path: 'data', after: { 'api-key': '****', level: 'low' } },
  ]);
});

test("a Secret's values are told apart by the fingerprints that the diff has made of them", () => {
  const [secret] = renderText('apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  pin: "${pin}"\n', {
    inputs: new Map([['pin', pin]]),
  }).manifests;
  assert.ok(secret);
  const fields = [{ path: 'data.pin', before: '**** (506fb4e7)', after: '**** (d470d24d)' }];
  assert.deepEqual(conceal(fields, { ...secret, isSecret: () => true }), fields);
  const bare = [{ path: 'data.pin', before: 'old', after: 'new' }];
  assert.deepEqual(conceal(bare, { ...secret, isSecret: () => true }), [
    { path: 'data.pin', before: '****', after: '****' },
  ]);
});
