import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Caller } from '../../src/aws/caller.ts';
import type { Finding } from '../../src/model/finding.ts';
import { type Moto, startMoto, whyNoMoto } from '../support/moto/moto.ts';

const run = promisify(execFile);
const child = fileURLToPath(new URL('identify.ts', import.meta.url));
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const home = await mkdtemp(join(tmpdir(), 'oms-aws-'));
let moto: Moto | undefined;

interface Reading {
  readonly caller?: Caller;
  readonly findings: readonly Finding[];
  readonly elapsedMs: number;
  readonly stderr: string;
}

interface Request {
  readonly region?: string;
  readonly profile?: string;
  readonly fallbackRegion?: string;
  readonly timeoutMs?: number;
}

const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hunter22' };
const clean = { PATH: process.env['PATH'], HOME: home, AWS_EC2_METADATA_DISABLED: 'true' };

async function identify(request: Request, env: Readonly<Record<string, string>>): Promise<Reading> {
  const args = ['--import', 'tsx', child, JSON.stringify(request)];
  const { stdout, stderr } = await run(process.execPath, args, { env: { ...clean, ...env } });
  assert.doesNotMatch(stdout + stderr, /hunter22/);
  const reading: Omit<Reading, 'stderr'> = JSON.parse(stdout);
  return { ...reading, stderr };
}

/** The only finding of a call that failed. */
async function failure(request: Request, env: Readonly<Record<string, string>>): Promise<Finding> {
  const { findings, caller } = await identify(request, env);
  assert.deepEqual([caller, findings.length], [undefined, 1]);
  const [finding] = findings;
  assert.ok(finding);
  return finding;
}

/** Runs `work` with an HTTP server that stands in for STS. */
async function withServer<T>(answer: RequestListener, work: (url: string) => Promise<T>): Promise<T> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  try {
    const address = server.address();
    assert.ok(typeof address === 'object' && address !== null);
    return await work(`http://127.0.0.1:${address.port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function answering(status: number, code: string, message: string): RequestListener {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`;
  return (_, response) => response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
}

function identityOf(arn: string): RequestListener {
  const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  return (_, response) => response.writeHead(200, { 'content-type': 'text/xml' }).end(body);
}

before(async () => {
  await writeFile(
    join(home, 'config'),
    `[profile west]\nregion = us-west-2\naws_access_key_id = AKIAWEST\naws_secret_access_key = hunter22\n
[profile sso]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = dev\n
[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n
[profile slow]\nregion = us-east-1\ncredential_process = sleep 20\n`,
  );
  if (whyNot === undefined) moto = await startMoto();
});
after(async () => {
  await moto?.stop();
  await rm(home, { recursive: true, force: true });
});

const files = { AWS_CONFIG_FILE: join(home, 'config'), AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };

test('account, ARN and partition of moto', needsMoto, async () => {
  const { caller, findings, stderr } = await identify({}, moto?.env ?? {});
  assert.deepEqual(findings, []);
  assert.equal(stderr, '');
  assert.deepEqual(caller, {
    account: '123456789012',
    arn: 'arn:aws:sts::123456789012:user/moto',
    region: 'us-east-1',
    partition: 'aws',
    dnsSuffix: 'amazonaws.com',
  });
});

test('the region: flag, AWS_REGION, AWS_DEFAULT_REGION, profile, outputs', async () => {
  await withServer(identityOf('arn:aws:iam::111122223333:user/u'), async (url) => {
    const regionOf = async (request: Request, env: Readonly<Record<string, string>>): Promise<string | undefined> =>
      (await identify(request, { ...files, ...env, AWS_ENDPOINT_URL: url })).caller?.region;
    const all = { AWS_REGION: 'r-env', AWS_DEFAULT_REGION: 'r-default' };
    const regions = await Promise.all([
      regionOf({ region: 'r-flag', profile: 'west' }, all),
      regionOf({ profile: 'west' }, all),
      regionOf({ profile: 'west' }, { AWS_DEFAULT_REGION: 'r-default' }),
      regionOf({ profile: 'west', fallbackRegion: 'r-out' }, {}),
      regionOf({ fallbackRegion: 'r-out' }, { AWS_PROFILE: 'west' }),
      regionOf({ fallbackRegion: 'r-out' }, keys),
    ]);
    assert.deepEqual(regions, ['r-flag', 'r-env', 'r-default', 'us-west-2', 'us-west-2', 'r-out']);
  });
});

test('China and GovCloud', async () => {
  for (const [partition, suffix] of [
    ['aws-cn', 'amazonaws.com.cn'],
    ['aws-us-gov', 'amazonaws.com'],
  ]) {
    await withServer(identityOf(`arn:${partition}:sts::111122223333:assumed-role/r/s`), async (url) => {
      const { caller } = await identify({ region: 'x-1' }, { ...keys, AWS_ENDPOINT_URL: url });
      assert.deepEqual([caller?.partition, caller?.dnsSuffix], [partition, suffix]);
    });
  }
});

test('no region', async () => assert.equal((await failure({}, keys)).id, 'aws/no-region'));

test('keys in the environment beside a profile: the profile counts, and the SDK says nothing by itself', async () => {
  await withServer(identityOf('arn:aws:iam::111122223333:user/u'), async (url) => {
    const { caller, stderr } = await identify({ profile: 'west' }, { ...keys, ...files, AWS_ENDPOINT_URL: url });
    assert.deepEqual([caller?.region, stderr], ['us-west-2', '']);
  });
});

const refusals: readonly (readonly [number, string, string, string])[] = [
  [403, 'ExpiredToken', 'The security token included in the request is expired', 'aws/expired-credentials'],
  [403, 'InvalidClientTokenId', 'The security token included in the request is invalid.', 'aws/invalid-credentials'],
  [
    403,
    'UnrecognizedClientException',
    'The security token included in the request is invalid.',
    'aws/invalid-credentials',
  ],
  [403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match', 'aws/invalid-credentials'],
  [
    403,
    'SignatureDoesNotMatch',
    'Signature expired: 20260101T000000Z is now earlier than 20260102T000000Z',
    'aws/clock-skew',
  ],
  [403, 'AccessDenied', 'User: arn:x is not authorized to perform: sts:GetCallerIdentity', 'aws/denied'],
  [400, 'SomethingNew', 'Nobody knows', 'aws/failed'],
];

for (const [status, code, message, id] of refusals) {
  test(`STS answers ${code}: ${message}`, async () => {
    await withServer(answering(status, code, message), async (url) => {
      const finding = await failure({ region: 'us-east-1' }, { ...keys, AWS_ENDPOINT_URL: url });
      assert.equal(finding.id, id);
      assert.deepEqual(finding.evidence, [message]);
    });
  });
}

test('no credentials', async () => {
  const { id, fix } = await failure({ region: 'us-east-1' }, files);
  assert.equal(id, 'aws/no-credentials');
  assert.match(fix, /--profile/);
});

test('no credentials and an instance metadata service that never answers: no hang', async () => {
  await withServer(
    () => {},
    async (url) => {
      const env = { ...files, AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
      const { findings, elapsedMs } = await identify({ region: 'us-east-1' }, env);
      assert.equal(findings.length, 1);
      assert.ok(elapsedMs < 8_000, `${elapsedMs}`);
    },
  );
});

test('a profile that does not exist', async () => {
  const { id, cause } = await failure({ region: 'us-east-1', profile: 'wset' }, files);
  assert.equal(id, 'aws/no-profile');
  assert.match(cause, /profile wset/);
});

test('an SSO session that never began or has expired', async () => {
  const { id, fix } = await failure({ profile: 'sso' }, files);
  assert.equal(id, 'aws/sso-expired');
  assert.equal(fix, 'Run: aws sso login --profile sso');
});

test('nobody listens; the name does not resolve', async () => {
  const refused = await failure({ region: 'us-east-1' }, { ...keys, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' });
  assert.equal(refused.id, 'aws/unreachable');
  assert.match(refused.cause, /127\.0\.0\.1:9/);
  const unknown = await failure({ region: 'us-east-1' }, { ...keys, AWS_ENDPOINT_URL: 'http://sts.invalid' });
  assert.equal(unknown.id, 'aws/unreachable');
});

test('a server that never answers, and a credential helper that hangs, end by the time limit', async () => {
  await withServer(
    () => {},
    async (url) => {
      const finding = await failure({ region: 'us-east-1', timeoutMs: 700 }, { ...keys, AWS_ENDPOINT_URL: url });
      assert.equal(finding.id, 'aws/timeout');
    },
  );
  assert.equal((await failure({ profile: 'slow', timeoutMs: 700 }, files)).id, 'aws/timeout');
});
