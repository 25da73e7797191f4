import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Resolution, ResolveRequest } from '../../src/inputs/resolve.ts';
import { shownSource } from '../../src/model/input.ts';
import { callMoto } from '../support/moto/api.ts';
import { type Moto, startMoto, whyNoMoto } from '../support/moto/moto.ts';
import { never, recordingHost, requestWith, resolveRequest } from '../unit/inputs/helpers.ts';

const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
// Each test file is a process of its own: what is set here reaches the SDK of this file alone.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(process.env, name);
let moto: Moto | undefined;
before(async () => {
  if (whyNot !== undefined) return;
  moto = await startMoto();
  Object.assign(process.env, moto.env, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' });
});
after(() => moto?.stop());

async function aws(
  service: 'secretsmanager' | 'ssm',
  action: string,
  body: object,
  region?: string,
): ReturnType<typeof callMoto> {
  assert.ok(moto);
  return callMoto(moto.url, service, action, body, region);
}

/** Stores a secret and gives its ARN. */
async function secret(name: string, value: unknown, region?: string): Promise<string> {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const { ARN = '' } = await aws('secretsmanager', 'CreateSecret', { Name: name, SecretString: text }, region);
  assert.match(ARN, /^arn:aws:secretsmanager:/);
  return ARN;
}

/** Every secret of these tests has this word in it. */
const marker = 'hunter22';

async function resolve(
  inputs: Readonly<Record<string, unknown>>,
  { outputs, ...rest }: Partial<ResolveRequest> & { readonly outputs?: object } = {},
): Promise<Resolution> {
  assert.ok(moto);
  const given = outputs === undefined ? {} : { outputsFile: '-', readStdin: async () => JSON.stringify(outputs) };
  const host = recordingHost();
  const resolution = await resolveRequest(requestWith(inputs, { env: moto.env, ...given, ...rest }), host, never);
  assert.ok(!JSON.stringify([resolution.findings, host.events]).includes(marker), JSON.stringify(resolution.findings));
  return resolution;
}

function shown({ inputs }: Resolution): readonly string[] {
  return [...inputs.values()].map(
    ({ name, value, secret: isSecret, source }) =>
      `${name}=${typeof value} ${String(value)}${isSecret ? ' (secret)' : ''} <- ${shownSource(source)}`,
  );
}

function told({ findings }: Resolution): readonly string[] {
  return findings.map(({ id, severity, cause, evidence }) => [id, severity, cause, ...evidence].join(' | '));
}

test('the built-in application: from a secret as RDS makes it to a URI that a driver reads', needsMoto, async () => {
  const username = 'oms@app:1/%';
  const password = `p@ss:/%2F?#[]&'"<x> ${marker}\\`;
  const arn = await secret('crypto-oms-dev/documentdb', { username, password, engine: 'mongo', port: 27017 });
  const builtIn: { inputs: Record<string, object> } = parse(
    await readFile(fileURLToPath(new URL('../../templates/oms-deploy.yaml', import.meta.url)), 'utf8'),
  );
  const inputs = Object.fromEntries(Object.entries(builtIn.inputs).filter(([name]) => name.startsWith('documentdb_')));
  const outputs = { documentdb_secret_arn: arn, documentdb_endpoint: 'docdb.example' };
  const resolution = await resolve(inputs, { outputs });
  assert.deepEqual(told(resolution), []);
  const { value } = resolution.inputs.get('documentdb_connection_string') ?? {};
  const uri = new URL(String(value));
  assert.deepEqual([decodeURIComponent(uri.username), decodeURIComponent(uri.password)], [username, password]);
  assert.deepEqual(
    [uri.protocol, uri.host, uri.pathname, uri.searchParams.get('retryWrites')],
    ['mongodb:', 'docdb.example:27017', '/crypto_oms', 'false'],
  );
  const sources = [...resolution.inputs.values()].map(({ source }) => shownSource(source));
  assert.ok(sources.includes('secretsmanager crypto-oms-dev/documentdb username'), sources.join());
  assert.equal(resolution.inputs.get('documentdb_connection_string')?.secret, true);
});

test('keys by preference, other types than text, and the whole of it', needsMoto, async () => {
  await secret('shop/db', { pass: marker, port: 27017, tls: true });
  const from = (key: unknown) => ({ sources: [{ secretsManager: { id: 'shop/db', key } }] });
  const resolution = await resolve({
    password: from(['password', 'pass']),
    port: { ...from('port'), secret: false },
    tls: from('tls'),
    all: { sources: [{ secretsManager: { id: 'shop/db' } }] },
  });
  assert.deepEqual(shown(resolution), [
    `password=string ${marker} (secret) <- secretsmanager shop/db pass`,
    'port=number 27017 <- secretsmanager shop/db port',
    'tls=boolean true (secret) <- secretsmanager shop/db tls',
    `all=string {"pass":"${marker}","port":27017,"tls":true} (secret) <- secretsmanager shop/db`,
  ]);
  assert.deepEqual(told(resolution), []);
});

test("a secret's ARN is asked for in its own region", needsMoto, async () => {
  const arn = await secret('west', marker, 'eu-west-1');
  const { inputs } = await resolve({ a: { sources: [{ secretsManager: { id: arn } }] } }, { region: 'us-east-1' });
  assert.equal(inputs.get('a')?.value, marker);
});

test('sources are looked through in order: what an earlier place has is not asked of AWS', needsMoto, async () => {
  const later = { secretsManager: { id: 'not-there' } };
  const resolution = await resolve(
    {
      a: { sources: [{ terraform: 'a' }, later] },
      b: { sources: [later] },
      d: { sources: [later, { terraform: 'a' }] },
    },
    { outputs: { a: 'x' }, env: { ...moto?.env, OMS_INPUT_B: 'y' } },
  );
  assert.deepEqual(shown(resolution), [
    'a=string x (secret) <- terraform stdin: a',
    'b=string y (secret) <- env OMS_INPUT_B',
    'd=string x (secret) <- terraform stdin: a',
  ]);
  // Only d came so far; its failure stops nothing.
  assert.deepEqual(
    resolution.findings.map(({ id, severity, evidence }) => [id, severity, evidence]),
    [['aws/no-secret', 'warning', []]],
  );
});

test('a secret that is not there, is empty of a value, or goes: each is explained', needsMoto, async () => {
  const gone = await secret('gone', marker);
  await aws('secretsmanager', 'DeleteSecret', { SecretId: 'gone', RecoveryWindowInDays: 7 });
  await aws('secretsmanager', 'CreateSecret', { Name: 'void' });
  const from = (id: string) => ({ sources: [{ secretsManager: { id, key: 'password' } }] });
  const elsewhere = gone.replace('gone', 'other').replace('us-east-1', 'eu-central-1');
  const resolution = await resolve({
    a: from('prod/db'),
    b: from('prod/db'),
    c: from('void'),
    d: from(gone),
    e: from(elsewhere),
  });
  assert.deepEqual(told(resolution), [
    'aws/no-secret | error | There is no secret prod/db in us-east-1, in the account of AWS_ACCESS_KEY_ID of the environment. | Needed for: a, b',
    'aws/no-secret-value | error | The secret void in us-east-1, in the account of AWS_ACCESS_KEY_ID of the environment, has no value yet. | Needed for: c',
    'aws/secret-deleted | error | The secret gone in us-east-1, in the account 123456789012, is scheduled for deletion. | Needed for: d',
    'aws/no-secret | error | There is no secret other in eu-central-1, in the account 123456789012. | Needed for: e',
  ]);
  assert.match(resolution.findings[0]?.fix ?? '', /OMS_INPUT_A and OMS_INPUT_B, or .*list-secrets --region us-east-1$/);
  assert.match(resolution.findings[2]?.fix ?? '', /restore-secret --region us-east-1 --secret-id arn:\S+$/);
});

test('a secret that holds something else: the keys that it has, and no value', needsMoto, async () => {
  await secret('json', { username: marker, 'db-pass': marker, none: null, empty: '', list: [marker], big: 1 });
  await secret('text', `{"password": "${marker}`);
  await secret('list', [marker]);
  await aws('secretsmanager', 'CreateSecret', { Name: 'binary', SecretBinary: Buffer.from(marker).toString('base64') });
  const from = (id: string, key = 'password') => ({ sources: [{ secretsManager: { id, key } }] });
  const wrong = {
    absent: from('json'),
    again: from('json'),
    proto: from('json', 'constructor'),
    text: from('text'),
    list: from('list'),
    binary: from('binary'),
    none: from('json', 'none'),
    empty: from('json', 'empty'),
    type: from('json', 'list'),
  };
  const keys = 'the keys that it has: username, db-pass, none, empty, list, big';
  assert.deepEqual(told(await resolve(wrong)), [
    `inputs/secret-key | error | The secret json has no key password. | ${keys} | Needed for: absent, again`,
    `inputs/secret-key | error | The secret json has no key constructor. | ${keys} | Needed for: proto`,
    'inputs/secret-json | error | The secret text is no JSON object, so it has no keys. | Needed for: text',
    'inputs/secret-json | error | The secret list is no JSON object, so it has no keys. | Needed for: list',
    'inputs/secret-binary | error | The secret binary is binary (SecretBinary). | Needed for: binary',
    'inputs/empty | error | The input none has no value: its source is empty. | OMS_INPUT_NONE is not set | secretsmanager json none: is empty',
    'inputs/empty | error | The input empty has no value: its source is empty. | OMS_INPUT_EMPTY is not set | secretsmanager json empty: is empty',
    'inputs/type | error | The input type has no value: its source is not a single value. | OMS_INPUT_TYPE is not set | secretsmanager json list: is not a single value',
  ]);
});

test('an optional input may lack its key, but whether its secret is there must be known', needsMoto, async () => {
  await secret('redis', { host: 'x' });
  const from = (id: string) => ({ optional: true, sources: [{ secretsManager: { id, key: 'token' } }] });
  assert.deepEqual(told(await resolve({ token: from('redis') })), []);
  const unknown = await resolve({ token: from('redsi') });
  assert.deepEqual(
    unknown.findings.map(({ id, severity, evidence }) => [id, severity, ...evidence]),
    [['aws/no-secret', 'error', 'Needed for: token']],
  );
});

test('a number whose digits JSON loses is refused, not rounded', needsMoto, async () => {
  await secret('digits', '{"password": 12345678901234567890}');
  const { inputs, findings } = await resolve({
    a: { sources: [{ secretsManager: { id: 'digits', key: 'password' } }] },
  });
  assert.deepEqual([inputs.size, findings[0]?.id], [0, 'inputs/type']);
});

const encoded = Buffer.from(`user:${marker}`).toString('base64');
const flaws: readonly (readonly [string, string, string])[] = [
  ['line-end', `${marker}\n`, 'inputs/whitespace error ends with a line break'],
  ['dos', `${marker}\r`, 'inputs/whitespace error ends with a carriage return'],
  ['blank', '  \n', 'inputs/empty error is nothing but white space'],
  ['space', `${marker} `, 'inputs/whitespace warning ends with a space'],
  ['twice', encoded, 'inputs/double-base64 error is base64 of a text'],
];

for (const [name, value, expected] of flaws) {
  test(`a spoiled secret is refused with its reason and its place: ${name}`, needsMoto, async () => {
    await secret(`flaw/${name}`, { key: value });
    const resolution = await resolve({ a: { sources: [{ secretsManager: { id: `flaw/${name}`, key: 'key' } }] } });
    const [id, severity, ...words] = expected.split(' ');
    assert.deepEqual(
      resolution.findings.map((finding) => [finding.id, finding.severity, finding.cause]),
      [[id, severity, `The secret a from secretsmanager flaw/${name} key ${words.join(' ')}.`]],
    );
    assert.ok(!JSON.stringify(resolution.findings).includes(encoded));
  });
}

test('parameters: plain and SecureString, by name, ARN and Terraform output', needsMoto, async () => {
  await aws('ssm', 'PutParameter', { Name: '/shop/level', Value: 'Debug', Type: 'String' });
  await aws('ssm', 'PutParameter', { Name: '/shop/pw', Value: marker, Type: 'SecureString' });
  const resolution = await resolve(
    {
      level: { sources: [{ ssm: '/shop/level' }] },
      phrase: { sources: [{ ssm: { terraform: ['no_such', 'pw_name'] } }] },
      open: { sources: [{ ssm: { name: '/shop/pw' } }], secret: false },
    },
    { outputs: { pw_name: '/shop/pw' } },
  );
  assert.deepEqual(shown(resolution), [
    'level=string Debug <- ssm /shop/level',
    `phrase=string ${marker} (secret) <- ssm /shop/pw`,
    `open=string ${marker} <- ssm /shop/pw`,
  ]);
  const absent = await resolve({ a: { sources: [{ ssm: 'shop/level' }] }, b: { sources: [{ ssm: '/shop/pw' }] } });
  assert.deepEqual(told(absent), [
    'aws/no-parameter | error | There is no parameter shop/level in us-east-1, in the account of AWS_ACCESS_KEY_ID of the environment. | Needed for: a',
  ]);
});
