import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullTokensOf } from '../../../../src/model/pull-token.ts';
import { pullSecretsCheck } from '../../../../src/verify/checks/pull-secrets.ts';
import { namespace, nowMs } from './application.ts';
import { factsWith, judges } from './facts.ts';

const expiration = 1_800_000_000;
const password = Buffer.from(JSON.stringify({ payload: 'x', version: '2', type: 'DATA_KEY', expiration })).toString(
  'base64',
);

function secretWith(auths: object, type = 'kubernetes.io/dockerconfigjson') {
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'pull', namespace: 'shop' }, type, data };
}

test('a token of ECR says until when it is good, in either form; other passwords are passed over', () => {
  const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
  const expected = [{ host, expiresMs: expiration * 1000 }];
  assert.deepEqual(pullTokensOf(secretWith({ [`https://${host}`]: { username: 'AWS', password } })), expected);
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  assert.deepEqual(pullTokensOf(secretWith({ [host]: { auth } })), expected);
  assert.deepEqual(pullTokensOf(secretWith({ 'ghcr.io': { username: 'u', password: 'plain' } })), []);
  assert.deepEqual(pullTokensOf(secretWith({ [host]: { auth } }, 'Opaque')), []);
});

const pulling = (name: string) => ({
  'Deployment web': { spec: { template: { spec: { imagePullSecrets: [{ name }] } } } },
});
const secret = { apiVersion: 'v1', kind: 'Secret', namespace, name: 'credentials' };
const host = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const token = (leftMs: number) => ({ pullTokens: [{ secret, host, expiresMs: nowMs + leftMs }] });

judges(pullSecretsCheck, [
  [
    'one that is not there',
    factsWith(pulling('absent')),
    {
      is: 'warning images/pull-secret Secret shop/absent',
      cause: /does not exist\.$/,
      fix: /^Make it/,
      evidence: /^named by Deployment shop\/web$/,
    },
  ],
  [
    'a token that has expired',
    factsWith(pulling('credentials'), token(-3_600_000)),
    {
      is: 'error images/pull-secret Secret shop/credentials',
      cause: /has a token for 123456789012\.dkr.* that expired 60 min ago/,
      fix: /image-pull-secrets/,
    },
  ],
  [
    'a token at its end',
    factsWith(pulling('credentials'), token(600_000)),
    {
      is: 'warning images/pull-secret Secret shop/credentials',
      cause: /that expires in 10 min/,
      fix: /renewed/,
    },
  ],
  ['a token that is good for hours', factsWith(pulling('credentials'), token(10 * 3_600_000))],
]);
