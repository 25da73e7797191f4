import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, beforeEach, test } from 'node:test';
import type { Resolution, ResolveRequest } from '../../src/inputs/resolve.ts';
import { never, recordingHost, requestWith, resolveRequest } from '../unit/inputs/helpers.ts';

// Each test file is a process of its own: what is set here reaches the SDK of this file alone.
const answers: { status: number; body: string } = { status: 200, body: '' };
const regions: string[] = [];
const server = createServer((request, response) => {
  regions.push(/\/([^/]+)\/sts\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '?');
  response.writeHead(answers.status, { 'content-type': 'text/xml' }).end(answers.body);
}).listen(0, '127.0.0.1');
await new Promise((ready) => server.once('listening', ready));
const address = server.address();
assert.ok(typeof address === 'object' && address !== null);
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
const env = {
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  AWS_ENDPOINT_URL: `http://127.0.0.1:${address.port}`,
  AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'hunter22',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};
Object.assign(process.env, env);

const identity =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws-cn:iam::111122223333:user/u</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
const expired = '<ErrorResponse><Error><Code>ExpiredToken</Code><Message>expired</Message></Error></ErrorResponse>';

beforeEach(() => {
  regions.length = 0;
  Object.assign(answers, { status: 200, body: identity });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const specs = {
  account: { sources: [{ aws: 'account' }] },
  region: { sources: [{ aws: 'region' }, { terraform: 'my_region' }] },
  suffix: { sources: [{ aws: 'dns-suffix' }] },
  partition: { sources: [{ aws: 'partition' }] },
};

async function resolve(
  inputs: Readonly<Record<string, unknown>>,
  rest: Partial<ResolveRequest> = {},
): Promise<Resolution> {
  const resolution = await resolveRequest(requestWith(inputs, { env, ...rest }), recordingHost(), never);
  assert.doesNotMatch(JSON.stringify(resolution.findings), /hunter22/);
  return resolution;
}

test('STS is called once for all inputs, and the caller is handed on', async () => {
  const { inputs, caller, findings } = await resolve(specs, { region: 'cn-north-1' });
  assert.deepEqual(findings, []);
  assert.deepEqual(
    [...inputs.values()].map(({ name, value, source }) => `${name}=${String(value)} ${source.kind}: ${source.detail}`),
    [
      'account=111122223333 aws: account of sts:GetCallerIdentity',
      'region=cn-north-1 flag: --region',
      'suffix=amazonaws.com.cn aws: dns-suffix of the region cn-north-1',
      'partition=aws-cn aws: partition of the region cn-north-1',
    ],
  );
  assert.equal(caller?.arn, 'arn:aws-cn:iam::111122223333:user/u');
  assert.deepEqual(regions, ['cn-north-1']);
});

test('STS is not called when nothing needs it', async () => {
  const given = { account: specs.account, other: { sources: [{ terraform: 'x' }, { aws: 'account' }] } };
  const { caller, findings } = await resolve(given, {
    set: ['account=1'],
    outputsFile: '-',
    readStdin: () => Promise.resolve('{"x":"y"}'),
  });
  assert.deepEqual([caller, findings, regions], [undefined, [], []]);
});

test('partition and domain follow from a region that is known, without a call', async () => {
  const { suffix, partition, region } = specs;
  const known = async (given: string): Promise<readonly unknown[]> => {
    const { inputs } = await resolve({ suffix, partition, region }, { region: 'us-east-1', set: [`region=${given}`] });
    return ['suffix', 'partition'].map((name) => inputs.get(name)?.value);
  };
  assert.deepEqual(await known('eu-central-1'), ['amazonaws.com', 'aws']);
  assert.deepEqual(await known('us-gov-west-1'), ['amazonaws.com', 'aws-us-gov']);
  assert.deepEqual(await known('cn-northwest-1'), ['amazonaws.com.cn', 'aws-cn']);
  assert.deepEqual(await known('eusc-de-east-1'), ['amazonaws.eu', 'aws-eusc']);
  assert.deepEqual(regions, []);
  await known('mars-north-1');
  assert.equal(regions.length, 1);
});

test("the region: an input given by hand, then Terraform's outputs", async () => {
  const outputs = { outputsFile: '-', readStdin: () => Promise.resolve('{"my_region":"eu-west-1","aws_region":"x"}') };
  await resolve(specs, { ...outputs, set: ['region=eu-north-1'] });
  await resolve(specs, outputs);
  await resolve(specs, { outputsFile: '-', readStdin: () => Promise.resolve('{"aws_region":"eu-south-1"}') });
  assert.deepEqual(regions, ['eu-north-1', 'eu-west-1', 'eu-south-1']);
});

test('a failure is said once, with what it was needed for', async () => {
  Object.assign(answers, { status: 403, body: expired });
  const { findings, inputs } = await resolve(specs, { region: 'us-east-1' });
  assert.deepEqual(
    findings.map(({ id, severity, evidence }) => [id, severity, evidence.at(-1)]),
    [['aws/expired-credentials', 'error', 'Needed for: account']],
  );
  assert.deepEqual([...inputs.keys()].toSorted(), ['partition', 'region', 'suffix']);
});

test('a failure is a warning where another source had the value', async () => {
  Object.assign(answers, { status: 403, body: expired });
  const inputs = { region: specs.region, account: { ...specs.account, default: '1' } };
  const outputs = { outputsFile: '-', readStdin: () => Promise.resolve('{"my_region":"eu-west-1"}') };
  const resolution = await resolve(inputs, outputs);
  assert.deepEqual(
    resolution.findings.map(({ severity }) => severity),
    ['warning'],
  );
  assert.deepEqual(
    [...resolution.inputs.values()].map(({ value }) => value),
    ['eu-west-1', '1'],
  );
});

test('a region by flag or variable needs no answer of AWS', async () => {
  const only = { region: specs.region };
  const byFlag = await resolve(only, { region: 'us-gov-west-1' });
  const byVariable = await resolve(only, { env: { AWS_REGION: 'eu-west-3' } });
  assert.deepEqual(
    [byFlag, byVariable].map(({ inputs }) => [inputs.get('region')?.value, inputs.get('region')?.source]),
    [
      ['us-gov-west-1', { kind: 'flag', detail: '--region' }],
      ['eu-west-3', { kind: 'env', detail: 'AWS_REGION' }],
    ],
  );
  assert.deepEqual(regions, []);
});
