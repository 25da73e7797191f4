import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { mintToken, type TokenParts } from '../../src/aws/token.ts';
import { at, type Json, stringOf } from '../../src/model/json.ts';
import { motoPython, whyNoMoto } from '../support/moto/moto.ts';

const run = promisify(execFile);
const script = fileURLToPath(new URL('../support/eks/get-token.py', import.meta.url));
const needsPython = { skip: (await whyNoMoto()) ?? false };

/** What `aws eks get-token` of the aws CLI makes of the same things. */
async function tokenOfCli({ cluster, region, credentials, atMs }: TokenParts): Promise<string> {
  const args = ['eks', 'get-token', '--cluster-name', cluster, '--region', region, '--output', 'json'];
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const env = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  const { stdout } = await run(
    await motoPython(),
    [script, new Date(atMs).toISOString().replace('Z', '+00:00'), ...args],
    {
      env,
    },
  );
  const answer: Json = JSON.parse(stdout);
  return stringOf(at(answer, 'status', 'token')) ?? '';
}

const atMs = Date.UTC(2026, 10, 26, 12, 0, 0);
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const session = { ...keys, sessionToken: 'IQoJb3JpZ2luX2VjEPT//////////wEaCXVzLWVhc3QtMSJHMEUCIQ==+a/b&c' };

const cases: Readonly<Record<string, TokenParts>> = {
  'keys of a user': {
    cluster: 'crypto-oms-dev',
    region: 'us-east-1',
    host: 'sts.us-east-1.amazonaws.com',
    credentials: keys,
    atMs,
  },
  'a session token with what a URL must escape': {
    cluster: 'Crypto_OMS-9',
    region: 'eu-central-1',
    host: 'sts.eu-central-1.amazonaws.com',
    credentials: session,
    atMs,
  },
  China: { cluster: 'c', region: 'cn-north-1', host: 'sts.cn-north-1.amazonaws.com.cn', credentials: session, atMs },
  GovCloud: { cluster: 'c', region: 'us-gov-west-1', host: 'sts.us-gov-west-1.amazonaws.com', credentials: keys, atMs },
};

for (const [name, parts] of Object.entries(cases)) {
  test(`a token is the one of aws eks get-token, letter by letter: ${name}`, needsPython, async () => {
    assert.equal(urlOf(await mintToken(parts)), urlOf(await tokenOfCli(parts)));
  });
}

/** Compared as a URL, a difference can be read. */
function urlOf(token: string): string {
  assert.match(token, /^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
  return Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8');
}
