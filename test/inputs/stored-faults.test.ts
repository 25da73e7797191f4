import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, beforeEach, test } from 'node:test';
import type { Resolution } from '../../src/inputs/resolve.ts';
import { createSurroundings } from '../../src/inputs/surroundings.ts';
import { never, recordingHost, requestWith, resolveRequest } from '../unit/inputs/helpers.ts';

/** What the small server that stands in for Secrets Manager and Parameter Store answers, and what it was asked. */
const answer: { status: number; body: object } = { status: 200, body: {} };
const asked: string[] = [];
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('end', () => {
    const region = /\/([^/]+)\/[^/]+\/aws4_request/.exec(request.headers.authorization ?? '')?.[1] ?? '?';
    asked.push(`${region} ${String(request.headers['x-amz-target'])} ${body}`);
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
}).listen(0, '127.0.0.1');
await new Promise((ready) => server.once('listening', ready));
const address = server.address();
assert.ok(typeof address === 'object' && address !== null);

// Each test file is a process of its own: what is set here reaches the SDK of this file alone.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
const files = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_REGION: 'us-east-1' };
const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'hunter22' };
const common = {
  ...files,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_ENDPOINT_URL: `http://127.0.0.1:${address.port}`,
};
Object.assign(process.env, common);

beforeEach(() => {
  asked.length = 0;
  Object.assign(process.env, keys);
  Object.assign(answer, { status: 200, body: {} });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

function fails(type: string, message: string): void {
  Object.assign(answer, { status: 400, body: { __type: type, message, Message: message } });
}

async function resolve(
  inputs: Readonly<Record<string, unknown>>,
  host = recordingHost(),
  env: Readonly<Record<string, string>> = { ...common, ...keys },
): Promise<Resolution> {
  return await resolveRequest(requestWith(inputs, { env }), host, never);
}

const fromSecret = { sources: [{ secretsManager: { id: 'prod/db', key: 'password' } }] };
const fromParameter = { sources: [{ ssm: '/prod/db' }] };
const who = 'arn:aws:sts::123456789012:assumed-role/ci/run';
const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-Ab12Cd';

const refusals: readonly (readonly [string, object, string, string, string, RegExp, RegExp])[] = [
  [
    'the right to read a secret is missing',
    fromSecret,
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${arn} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
    'aws/denied',
    /^arn:aws:sts::123456789012:assumed-role\/ci\/run may not call secretsmanager:GetSecretValue on arn:aws:secretsmanager:us-east-1:123456789012:secret:prod\/db-Ab12Cd\.$/,
    /^Allow secretsmanager:GetSecretValue /,
  ],
  [
    'the right to read a parameter is missing',
    fromParameter,
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:us-east-1:123456789012:parameter/prod/db because no identity-based policy allows the ssm:GetParameter action`,
    'aws/denied',
    /may not call ssm:GetParameter on arn:aws:ssm:us-east-1:123456789012:parameter\/prod\/db\.$/,
    /^Allow ssm:GetParameter /,
  ],
  [
    'the KMS key of a parameter is out of reach: the missing right is another than the one called',
    fromParameter,
    'AccessDeniedException',
    `User: ${who} is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1 because no identity-based policy allows the kms:Decrypt action`,
    'aws/denied',
    /may not call kms:Decrypt on arn:aws:kms:us-east-1:123456789012:key\/1\.$/,
    /^Allow kms:Decrypt /,
  ],
  [
    'the KMS key of a secret is out of reach',
    fromSecret,
    'AccessDeniedException',
    'Access to KMS is not allowed',
    'aws/kms',
    /^AWS Secrets Manager can't decrypt this/,
    /^Allow kms:Decrypt on the key/,
  ],
  [
    'the KMS key of a secret is disabled',
    fromSecret,
    'DecryptionFailure',
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
    'aws/kms',
    /^AWS Secrets Manager can't decrypt this/,
    /see that the key is enabled/,
  ],
  [
    'something new',
    fromSecret,
    'SomethingNew',
    'Nobody knows',
    'aws/failed',
    /^secretsmanager:GetSecretValue failed with AWS_ACCESS_KEY_ID of the environment\.$/,
    /aws secretsmanager get-secret-value$/,
  ],
];

for (const [name, spec, type, message, id, cause, fix] of refusals) {
  test(name, async () => {
    fails(type, message);
    const { findings, inputs } = await resolve({ a: spec, b: spec });
    const [finding] = findings;
    assert.ok(finding);
    assert.deepEqual([findings.length, inputs.size, finding.id, finding.severity], [1, 0, id, 'error']);
    assert.match(finding.cause, cause);
    assert.match(finding.fix.replace('Set OMS_INPUT_A and OMS_INPUT_B, or t', 'T'), fix);
    assert.match(finding.fix, /OMS_INPUT_A and OMS_INPUT_B/);
    assert.equal(finding.evidence.at(-1), 'Needed for: a, b');
    assert.equal(asked.length, 1, 'a refusal is asked for once');
  });
}

test('a secret is asked for once, for all inputs and whoever asks meanwhile', async () => {
  answer.body = { SecretString: '{"password":"p","username":"u"}' };
  const username = { sources: [{ secretsManager: { id: 'prod/db', key: 'username' } }] };
  const request = requestWith({ a: fromSecret, b: username, c: fromSecret }, { env: { ...common, ...keys } });
  const surroundings = createSurroundings(request, recordingHost(), never);
  const [first, second] = await Promise.all([surroundings.secret('prod/db'), surroundings.secret('prod/db')]);
  assert.equal(first, second);
  assert.deepEqual(asked, ['us-east-1 secretsmanager.GetSecretValue {"SecretId":"prod/db"}']);
  const { inputs } = await resolve({ a: fromSecret, b: username, c: fromSecret });
  assert.deepEqual(
    [...inputs.values()].map(({ value }) => value),
    ['p', 'u', 'p'],
  );
  assert.equal(asked.length, 2, 'one of each run');
});

test("ARNs are asked for in their region, and a parameter's value is decrypted", async () => {
  answer.body = { Parameter: { Value: 'x', Type: 'SecureString' } };
  const parameter = 'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/db';
  const { inputs } = await resolve({ a: { sources: [{ ssm: parameter }] } });
  assert.deepEqual(asked, [`eu-west-1 AmazonSSM.GetParameter {"Name":"${parameter}","WithDecryption":true}`]);
  assert.deepEqual(inputs.get('a')?.source, { kind: 'ssm', detail: '/prod/db' });
});

test('AWS is asked nothing where the values are given, or the inputs are not used', async () => {
  const env = { ...common, ...keys, OMS_INPUT_A: 'x', OMS_INPUT_B: 'y' };
  const { inputs, findings } = await resolve({ a: fromSecret, b: fromParameter }, recordingHost(), env);
  assert.deepEqual([inputs.size, findings, asked], [2, [], []]);
});

const twoSecrets = {
  username: { ...fromSecret, prompt: 'User' },
  password: { sources: [{ secretsManager: { id: 'other', key: 'password' } }], prompt: 'Password' },
};

test('without credentials and with somebody to ask: the questions come, and AWS is a warning', async () => {
  for (const name of Object.keys(keys)) Reflect.deleteProperty(process.env, name);
  const host = recordingHost(['u', 'p']);
  const { inputs, findings } = await resolve(twoSecrets, host, common);
  assert.deepEqual(
    [...inputs.values()].map(({ value, secret }) => [value, secret]),
    [
      ['u', true],
      ['p', true],
    ],
  );
  assert.deepEqual(
    findings.map(({ id, severity, evidence }) => [id, severity, evidence.at(-1)]),
    [['aws/no-credentials', 'warning', 'Needed for: username, password']],
  );
  // Why somebody is asked is said before the question.
  const steps = host.events.flatMap((event) => (event.type === 'step' ? event.message : []));
  assert.equal(steps.at(-1), 'There are no AWS credentials.');
});

test('without credentials and with nobody to ask: one error, with the inputs and how to give them', async () => {
  for (const name of Object.keys(keys)) Reflect.deleteProperty(process.env, name);
  const { findings } = await resolve(twoSecrets, recordingHost(), common);
  assert.deepEqual(
    findings.map(({ id, severity, evidence }) => [id, severity, evidence.at(-1)]),
    [['aws/no-credentials', 'error', 'Needed for: username, password']],
  );
  assert.match(findings[0]?.fix ?? '', / Or set OMS_INPUT_USERNAME and OMS_INPUT_PASSWORD\.$/);
});
