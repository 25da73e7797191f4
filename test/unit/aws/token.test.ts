import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AwsSession } from '../../../src/aws/session.ts';
import { createToken, mintToken, renewAt, type TokenParts } from '../../../src/aws/token.ts';

const parts: TokenParts = {
  cluster: 'crypto-oms-dev',
  region: 'us-east-1',
  host: 'sts.us-east-1.amazonaws.com',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  atMs: Date.UTC(2026, 10, 26, 12, 0, 0),
};

function urlOf(token: string): URL {
  return new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8'));
}

test('a known answer', async () => {
  const { searchParams, ...url } = urlOf(await mintToken(parts));
  assert.equal(searchParams.get('X-Amz-Signature'), '92abdbafad93dcf989fa7443250d27701938fdae836b68f933c00dd160468a22');
  assert.ok(url);
});

test('only what aws-iam-authenticator lets through, each key once', async () => {
  const credentials = { ...parts.credentials, sessionToken: 'x'.repeat(1_500) };
  const token = await mintToken({ ...parts, credentials });
  const url = urlOf(token);
  assert.equal(`${url.protocol}//${url.host}${url.pathname}`, 'https://sts.us-east-1.amazonaws.com/');
  const values = Object.fromEntries(url.searchParams);
  const { 'X-Amz-Signature': signature = '', 'X-Amz-Security-Token': session = '', ...rest } = values;
  assert.deepEqual(rest, {
    Action: 'GetCallerIdentity',
    Version: '2011-06-15',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20261126/us-east-1/sts/aws4_request',
    'X-Amz-Date': '20261126T120000Z',
    'X-Amz-Expires': '60',
    'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
  });
  assert.match(signature, /^[0-9a-f]{64}$/);
  assert.equal(session.length, 1_500);
  assert.equal([...url.searchParams.keys()].length, Object.keys(values).length);
  assert.ok(token.length <= 4_096);
  assert.doesNotMatch(token, /=/);
});

test('for another cluster it is another token', async () => {
  const [one, other] = await Promise.all([mintToken(parts), mintToken({ ...parts, cluster: 'other' })]);
  assert.notEqual(one, other);
});

/** As much of a session as a token needs. */
function sessionWith(expiration: Date | undefined, awsMs = Date.now()): AwsSession & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const provider = Object.assign(
    (options: unknown) => {
      asked.push(options);
      return Promise.resolve({ ...parts.credentials, ...(expiration === undefined ? {} : { expiration }) });
    },
    { memoized: true },
  );
  return {
    asked,
    settings: { env: {} },
    clock: { now: () => awsMs, observe: () => undefined },
    region: () => Promise.resolve('us-east-1'),
    credentials: () => Promise.resolve(provider),
    call: () => Promise.reject(new Error('no call is expected')),
  };
}

test('it is renewed after 14 minutes, and earlier where the credentials end earlier', async () => {
  const near = (ms: number, wantedMs: number): void => assert.ok(Math.abs(ms - wantedMs) < 2_000, `${ms} ${wantedMs}`);
  near(renewAt(await createToken(sessionWith(undefined), 'c', 'us-east-1')) - Date.now(), 14 * 60_000);
  const inFive = new Date(Date.now() + 5 * 60_000);
  near(renewAt(await createToken(sessionWith(inFive), 'c', 'us-east-1')) - Date.now(), 4 * 60_000);
  const tomorrow = new Date(Date.now() + 86_400_000);
  near(renewAt(await createToken(sessionWith(tomorrow), 'c', 'us-east-1')) - Date.now(), 14 * 60_000);
});

test('it is dated by the clock of AWS, and ends by ours', async () => {
  const { token, expiresAtMs } = await createToken(sessionWith(undefined, Date.UTC(2020, 0, 1)), 'c', 'us-east-1');
  assert.equal(urlOf(token).searchParams.get('X-Amz-Date'), '20200101T000000Z');
  assert.ok(Math.abs(expiresAtMs - Date.now() - 15 * 60_000) < 2_000);
});

test('after a refusal other credentials are asked for', async () => {
  const session = sessionWith(undefined);
  await createToken(session, 'c', 'us-east-1');
  await createToken(session, 'c', 'us-east-1', true);
  assert.deepEqual(session.asked, [{ forceRefresh: false }, { forceRefresh: true }]);
});

test('the STS host is that of the region and of its partition', async () => {
  for (const [region, host] of [
    ['eu-west-3', 'sts.eu-west-3.amazonaws.com'],
    ['cn-northwest-1', 'sts.cn-northwest-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
  ] as const) {
    const { token } = await createToken(sessionWith(undefined), 'c', region);
    assert.equal(urlOf(token).host, host);
  }
});
