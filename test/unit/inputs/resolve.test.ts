import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { type Resolution, type ResolveRequest, resolveInputs } from '../../../src/inputs/resolve.ts';
import { createSurroundings } from '../../../src/inputs/surroundings.ts';
import { errorFinding, errorsOf } from '../../../src/model/finding.ts';
import { never, recordingHost, requestWith, resolveRequest, specsWith, tempFile } from './helpers.ts';

const outputs = {
  redis_endpoint: 'redis.example',
  redis_port: 6379,
  kafka_bootstrap_brokers: 'b-1:9098',
  empty: '',
  subnets: ['a', 'b'],
  nothing: null,
};

type Rest = Partial<ResolveRequest> & { readonly answers?: readonly string[] };

async function resolve(
  inputs: Readonly<Record<string, unknown>>,
  { answers, ...rest }: Rest = {},
): Promise<Resolution> {
  const readStdin = (): Promise<string> => Promise.resolve(JSON.stringify(outputs));
  return await resolveRequest(
    requestWith(inputs, { outputsFile: '-', readStdin, ...rest }),
    recordingHost(answers),
    never,
  );
}

function shown({ inputs }: Resolution): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...inputs.values()].map(({ name, value, source }) => [name, `${String(value)} <${source.kind} ${source.detail}`]),
  );
}

const host = { terraform: ['redis_host', 'redis_endpoint'] };

test('precedence: flag, environment, file, sources, default, prompt', async () => {
  const file = await tempFile('s.env', 'H=file\n');
  const spec = { h: { sources: [host], default: 'default', prompt: 'Host?' } };
  const env = { OMS_INPUT_H: 'env' };
  const answers = ['typed'];
  const all = { set: ['h=flag'], env, secretsFile: file, answers };
  assert.deepEqual(shown(await resolve(spec, all)), { h: 'flag <flag --set h' });
  assert.deepEqual(shown(await resolve(spec, { ...all, set: [] })), { h: 'env <env OMS_INPUT_H' });
  assert.deepEqual(shown(await resolve(spec, { secretsFile: file, answers })), { h: `file <file ${file}:1` });
  assert.deepEqual(shown(await resolve(spec, { answers })), { h: 'redis.example <terraform stdin: redis_endpoint' });
  assert.deepEqual(shown(await resolve({ h: { default: 'default', prompt: 'Host?' } }, { answers })), {
    h: 'default <default configuration',
  });
  assert.deepEqual(shown(await resolve({ h: { prompt: 'Host?' } }, { answers })), { h: 'typed <prompt typed' });
});

test('types of Terraform are kept; a default that is false counts', async () => {
  const { inputs } = await resolve({ port: { sources: [{ terraform: 'redis_port' }] }, tls: { default: false } });
  assert.deepEqual([inputs.get('port')?.value, inputs.get('tls')?.value], [6379, false]);
});

test('--set keeps the value as it is; the last one counts', async () => {
  const { inputs, findings } = await resolve({ h: {} }, { set: ['h=x', 'h= a="b",\n{{c}}: d '] });
  assert.equal(inputs.get('h')?.value, ' a="b",\n{{c}}: d ');
  assert.deepEqual(findings, []);
});

test('wrong --set: no =, unknown, empty, secret (also by composition): no value is shown', async () => {
  const specs = {
    redis_host: { optional: true },
    pw: { secret: true, optional: true },
    uri: { compose: ['x', { when: 'pw', text: '${pw}' }] },
  };
  const set = ['hunter22', 'redis_hots=hunter22', 'redis_host=', 'pw=hunter22', 'uri=hunter22', 'PW=hunter22'];
  const { findings, inputs } = await resolve(specs, { set });
  assert.deepEqual(
    findings.map(({ id }) => id),
    [
      'inputs/set',
      'inputs/unknown',
      'inputs/empty',
      'inputs/secret-in-argv',
      'inputs/secret-in-argv',
      'inputs/unknown',
    ],
  );
  assert.equal(findings[5]?.fix, 'Did you mean pw? pw is secret: set OMS_INPUT_PW or use --secrets-file.');
  assert.equal(findings[1]?.fix, 'Did you mean redis_host?');
  assert.match(findings[3]?.fix ?? '', /OMS_INPUT_PW.*--secrets-file/);
  assert.doesNotMatch(JSON.stringify([findings, shown({ inputs, findings, explained: new Set() })]), /hunter22/);
});

test('an unknown OMS_INPUT_ variable is a warning', async () => {
  const { findings } = await resolve(
    { redis_host: { default: 'x' } },
    { env: { OMS_INPUT_REDIS_HOTS: 'y', OTHER: 'z' } },
  );
  assert.deepEqual(
    findings.map(({ id, severity, fix }) => [id, severity, fix]),
    [['inputs/unknown', 'warning', 'Did you mean OMS_INPUT_REDIS_HOST?']],
  );
});

test('a missing input: where we looked, what exists, how to give it', async () => {
  const { findings } = await resolve({
    kafka: { description: 'the brokers', sources: [{ terraform: ['kafka_bootstrap_servers'] }] },
    pw: { secret: true },
  });
  assert.deepEqual(
    findings.map(({ id }) => id),
    ['inputs/missing', 'inputs/missing'],
  );
  assert.equal(findings[0]?.cause, 'The input kafka (the brokers) has no value.');
  assert.deepEqual(findings[0]?.evidence, [
    'OMS_INPUT_KAFKA is not set',
    'stdin: kafka_bootstrap_servers: not there',
    'the outputs that exist: empty, kafka_bootstrap_brokers, nothing, redis_endpoint, redis_port, subnets',
  ]);
  assert.match(findings[0]?.fix ?? '', /^Did you mean kafka_bootstrap_brokers\? .*--set kafka=VALUE.*OMS_INPUT_KAFKA/);
  assert.equal(findings[1]?.fix, 'Set OMS_INPUT_PW, or put it into a file for --secrets-file.');
});

test('an output that is empty, null or no single value is passed over for the next, and said if it was the last', async () => {
  const good = await resolve({ h: { sources: [{ terraform: ['empty', 'nothing', 'subnets', 'redis_endpoint'] }] } });
  assert.deepEqual([good.inputs.get('h')?.value, good.findings], ['redis.example', []]);
  const bad = await resolve({
    e: { sources: [{ terraform: 'empty' }] },
    s: { sources: [{ terraform: 'subnets' }] },
    n: { sources: [{ terraform: 'nothing' }] },
    o: { sources: [{ terraform: 'empty' }], optional: true },
    l: { sources: [{ terraform: 'subnets' }], optional: true },
  });
  assert.deepEqual(
    bad.findings.map(({ id }) => id),
    ['inputs/empty', 'inputs/type', 'inputs/missing', 'inputs/type'],
  );
  assert.match(bad.findings[1]?.evidence.join() ?? '', /stdin: subnets: is a list of 2/);
});

test('of outputs with more in them a part, or a list as one text', async () => {
  const answer = { cluster: { value: { db: { host: 'db.example', ports: [1, 2] } } }, subnets: { value: ['a', 'b'] } };
  const { inputs, findings } = await resolve(
    {
      host: { sources: [{ terraform: ['none', 'cluster'], key: 'db.host' }] },
      list: { sources: [{ terraform: 'subnets', join: ', ' }] },
      ports: { sources: [{ terraform: 'cluster', key: 'db.ports', join: ',' }] },
      gone: { sources: [{ terraform: 'cluster', key: 'db2' }] },
    },
    { readStdin: () => Promise.resolve(JSON.stringify(answer)) },
  );
  assert.deepEqual(
    [...inputs.values()].map(({ value }) => value),
    ['db.example', 'a, b', '1,2'],
  );
  assert.deepEqual(inputs.get('host')?.source, { kind: 'terraform', detail: 'stdin: cluster.db.host' });
  assert.match(findings[0]?.evidence.join() ?? '', /stdin: cluster\.db2: not there; it has db/);
});

test('variables, files beside the configuration, and fixed values are sources like others', async () => {
  const path = await tempFile('token.txt', 'abc\n');
  const { inputs, findings } = await resolve(
    {
      a: { sources: [{ env: ['NONE', 'EMPTY', 'HOST'] }, { value: 'x' }] },
      b: { sources: [{ file: 'absent.txt' }, { file: 'token.txt' }] },
      c: { sources: [{ env: 'NONE' }, { value: 3 }] },
      d: { sources: [{ env: ['NONE', 'EMPTY'] }, { file: 'absent.txt' }] },
    },
    { env: { HOST: 'h', EMPTY: '' }, directory: dirname(path) },
  );
  assert.deepEqual(
    [...inputs.values()].map(({ name, value, source }) => [name, value, source.kind, source.detail]),
    [
      ['a', 'h', 'env', 'HOST'],
      ['b', 'abc', 'file', 'token.txt'],
      ['c', 3, 'config', 'configuration'],
    ],
  );
  assert.deepEqual(findings[0]?.evidence.slice(-3), [
    'NONE is not set',
    'EMPTY is set but empty',
    'there is no file absent.txt',
  ]);
});

test('a variable that is set but empty is not a value, and is named', async () => {
  const env = { OMS_INPUT_A: '', OMS_INPUT_B: '', OMS_INPUT_C: '' };
  const { inputs, findings } = await resolve(
    { a: { secret: true }, b: { optional: true }, c: { default: 'x' } },
    { env },
  );
  assert.deepEqual([...inputs.keys()], ['c']);
  assert.deepEqual(
    findings.map(({ evidence }) => evidence[0]),
    ['OMS_INPUT_A is set but empty'],
  );
});

test('questions come last, for required inputs alone, masked for secrets', async () => {
  const asking = recordingHost(['  db.example ', 'hunter22']);
  const specs = {
    db: { prompt: 'Database host' },
    pw: { prompt: 'Password', secret: true },
    token: { prompt: 'Token', secret: true, optional: true },
    plain: { optional: true },
  };
  const { inputs, findings } = await resolveRequest(requestWith(specs), asking, never);
  assert.deepEqual(findings, []);
  assert.deepEqual(asking.questions, [
    { type: 'text', message: 'Database host', secret: false, flag: '--set db=VALUE' },
    { type: 'text', message: 'Password', secret: true, flag: 'OMS_INPUT_PW' },
  ]);
  assert.deepEqual([inputs.get('db')?.value, inputs.get('pw')?.value], ['db.example', 'hunter22']);
});

test('a missing secret says which Terraform output would name its place in AWS', async () => {
  const { findings } = await resolve({
    pw: { secret: true, sources: [{ secretsManager: { terraform: ['db_secret_arn', 'x'], key: 'password' } }] },
    level: { sources: [{ ssm: { terraform: 'level_parameter' } }] },
    near: { sources: [{ secretsManager: { terraform: 'redis_endpont' } }] },
  });
  assert.deepEqual(
    findings.map(({ fix }) => fix),
    [
      'Set OMS_INPUT_PW, or put it into a file for --secrets-file, or add the Terraform output db_secret_arn (the ARN of a secret with the key password).',
      'Pass --set level=VALUE, set OMS_INPUT_LEVEL, or put it into a file for --secrets-file, or add the Terraform output level_parameter (the name of a parameter).',
      'Did you mean redis_endpoint or redis_port? Then name that output in the configuration. Otherwise set OMS_INPUT_NEAR, or put it into a file for --secrets-file, or add the Terraform output redis_endpont (the ARN of a secret).',
    ],
  );
  assert.deepEqual(findings[0]?.evidence.slice(0, 3), [
    'OMS_INPUT_PW is not set',
    'stdin: db_secret_arn: not there',
    'stdin: x: not there',
  ]);
});

test('nobody is asked in a run that must fail anyway', async () => {
  const asking = recordingHost([]);
  const { findings } = await resolveRequest(
    requestWith({ pw: { prompt: 'Password', secret: true }, x: {} }),
    asking,
    never,
  );
  assert.deepEqual(
    findings.map(({ cause }) => cause),
    ['The input x has no value.'],
  );
});

test('an empty answer is refused', async () => {
  const { findings } = await resolve({ pw: { prompt: 'Password', secret: true } }, { answers: [''] });
  assert.deepEqual(
    findings.map(({ id }) => id),
    ['inputs/empty'],
  );
});

const ends: readonly (readonly [string, string | undefined])[] = [
  ['hunter22\n', 'error'],
  ['hunter22\r\n', 'error'],
  ['\nhunter22', 'error'],
  ['hunter22 ', 'warning'],
  [' hunter22', 'warning'],
  ['hunter 22', undefined],
  ['   ', 'error'],
  ['-----BEGIN\nabc\n', undefined],
];

for (const [value, severity] of ends) {
  test(`the ends of a secret: ${JSON.stringify(value)}`, async () => {
    const { findings } = await resolve({ pw: { secret: true } }, { env: { OMS_INPUT_PW: value } });
    assert.deepEqual(
      findings.map((finding) => finding.severity),
      severity === undefined ? [] : [severity],
    );
    assert.doesNotMatch(JSON.stringify(findings), /hunter22/);
  });
}

const encoded = Buffer.from('user:hunter22').toString('base64');

test('base64 of a text is refused, unless the configuration or its place in data says that it is meant', async () => {
  const env = { OMS_INPUT_A: encoded, OMS_INPUT_B: encoded, OMS_INPUT_C: encoded };
  const inputs = { a: { secret: true }, b: { secret: true, encoding: 'base64' } };
  const specs = specsWith(inputs, ['c']);
  const { findings } = await resolve(inputs, { env, specs });
  assert.deepEqual(
    findings.map(({ id, severity, cause }) => [id, severity, cause]),
    ['a', 'c'].map((name) => [
      'inputs/double-base64',
      'error',
      `The secret ${name} from env OMS_INPUT_${name.toUpperCase()} is base64 of a text.`,
    ]),
  );
  assert.match(findings[0]?.fix ?? '', /write "encoding: base64" at a in the configuration/);
  assert.match(findings[1]?.fix ?? '', /declare it in the configuration: c: {secret: true, encoding: base64}/);
});

test('a sensitive output is shown, unless its name or its value says that it is a credential', async () => {
  const sensitive = (value: string) => ({ value, sensitive: true });
  const text = JSON.stringify({
    brokers: sensitive('b-1:9098'),
    db_password: sensitive('hunter22'),
    url: sensitive('db://u:hunter22@h'),
  });
  const specs = {
    k: { sources: [{ terraform: 'brokers' }] },
    p: { sources: [{ terraform: 'db_password' }] },
    u: { sources: [{ terraform: 'url' }] },
  };
  const { inputs, findings } = await resolve(specs, { readStdin: () => Promise.resolve(text) });
  assert.deepEqual(
    [...inputs.values()].map(({ name, secret }) => [name, secret]),
    [
      ['k', false],
      ['p', true],
      ['u', true],
    ],
  );
  assert.deepEqual(
    findings.map(({ id, severity }) => [id, severity]),
    [
      ['inputs/undeclared-secret', 'warning'],
      ['inputs/undeclared-secret', 'warning'],
    ],
  );
});

test('a file without outputs is reported once, with what waits for it; other findings stand beside it', async () => {
  const specs = {
    a: { sources: [host] },
    b: { sources: [host] },
    c: { secret: true },
    d: { sources: [host], optional: true },
  };
  const { findings } = await resolve(specs, { readStdin: () => Promise.resolve('Warning: no outputs') });
  assert.deepEqual(
    findings.map(({ id, evidence }) => [id, evidence.at(-1)]),
    [
      ['terraform/outputs-file', 'Needed for: a, b'],
      ['inputs/missing', 'OMS_INPUT_C is not set'],
    ],
  );
});

test('both --terraform-dir and --outputs-file', async () => {
  const { findings } = await resolve({}, { terraformDir: '.' });
  assert.deepEqual(
    errorsOf(findings).map(({ id }) => id),
    ['terraform/two-sources'],
  );
});

test('inputs are in the order of the configuration', async () => {
  const { inputs } = await resolve(
    { z: { compose: ['${a}'] }, b: { prompt: '?' }, a: { default: 'x' } },
    { answers: ['y'] },
  );
  assert.deepEqual([...inputs.keys()], ['z', 'b', 'a']);
});

test('a canary secret from the environment, a file or a prompt is in no finding and no event', async () => {
  const canary = 'canary-7f3a';
  const file = await tempFile('s.env', `FROM_FILE=${canary}2\nWRONG_KEY=${canary}\nbroken ${canary}\nQ="${canary}\n`);
  const specs = {
    from_env: { secret: true },
    from_file: { secret: true },
    from_prompt: { secret: true, prompt: 'Secret' },
    uri: { compose: ['x://${from_env|uri}:${from_file}'] },
  };
  const asking = recordingHost([`${canary}3`]);
  const env = { OMS_INPUT_FROM_ENV: `${canary}1 `, OMS_INPUT_UNKNOWN: canary };
  const clean = await tempFile('s.env', `FROM_FILE=${canary}2\n`);
  const bad = await resolveRequest(requestWith(specs, { env, secretsFile: file }), asking, never);
  const good = await resolveRequest(requestWith(specs, { env, secretsFile: clean }), asking, never);
  assert.equal(errorsOf(good.findings).length, 0);
  assert.equal(good.inputs.size, 4);
  assert.equal(asking.redactors.at(-1)?.(`${canary}2 ${canary}3`), '**** ****');
  assert.ok([...good.inputs.values()].every(({ secret }) => secret));
  assert.ok(errorsOf(bad.findings).length >= 2);
  const said = JSON.stringify([
    bad.findings,
    good.findings,
    asking.events,
    asking.questions,
    [...good.inputs.values()].map(({ source }) => source),
  ]);
  assert.ok(!said.includes(canary), said);
});

test('a secrets file that is not read: one finding with the inputs it is needed for, and no word of what it has', async () => {
  const file = await tempFile('s.env', 'PW=hunter22\n', 0o644);
  const specs = { pw: { secret: true }, token: { secret: true }, host: {}, given: { secret: true } };
  const undeclared = specsWith(specs, ['in_a_secret']);
  const rest = { specs: undeclared, secretsFile: file, env: { OMS_INPUT_GIVEN: 'x' } };
  const { findings, explained } = await resolve(specs, rest);
  assert.deepEqual([...explained], ['pw', 'token', 'in_a_secret']);
  assert.deepEqual(
    findings.map(({ id, evidence }) => [id, evidence]),
    [
      ['inputs/secrets-file-mode', ['Needed for: pw, token, in_a_secret']],
      ['inputs/missing', ['OMS_INPUT_HOST is not set']],
    ],
  );
});

test('what a shared shell or file has for others is one finding; a mistyped name is one of its own', async () => {
  const env = { OMS_INPUT_A: '1', OMS_INPUT_B: '2', OMS_INPUT_REDIS_HOTS: '3' };
  const { findings } = await resolve({ redis_host: { default: 'x' } }, { env });
  assert.deepEqual(
    findings.map(({ cause, evidence, fix }) => [cause, evidence, fix]),
    [
      ['OMS_INPUT_REDIS_HOTS is set, but there is no such input.', [], 'Did you mean OMS_INPUT_REDIS_HOST?'],
      [
        '2 values are given for which there is no input here.',
        ['OMS_INPUT_A', 'OMS_INPUT_B'],
        'Remove it, or declare the input in the configuration.',
      ],
    ],
  );
});

test('--set without a value names the input where it is one', async () => {
  const { findings } = await resolve({ level: { default: 'x' } }, { set: ['level'] });
  assert.deepEqual(
    findings.map(({ id, cause }) => [id, cause]),
    [['inputs/empty', '--set level has no value.']],
  );
});

test('an input that --tag says, too: that flag comes first', async () => {
  const ofTag = (): ReadonlySet<string> => new Set(['image_tag']);
  const { findings } = await resolve({ image_tag: {}, level: {} }, { ofTag });
  const fixes = findings.map(({ fix }) => fix.split(',')[0]);
  assert.deepEqual(fixes, ['Pass --tag TAG or --set image_tag=VALUE', 'Pass --set level=VALUE']);
});

test("a file of names and values with nothing that is looked for isn't taken for Terraform's", async () => {
  const read = (value: object): Rest => ({ readStdin: () => Promise.resolve(JSON.stringify(value)) });
  const strange = async (inputs: object, value: object): Promise<readonly string[]> =>
    (await resolve({ h: { sources: [host] }, ...inputs }, read(value))).findings
      .filter(({ id }) => id === 'terraform/outputs-file')
      .map(({ cause }) => cause);
  const said =
    "stdin doesn't look like Terraform outputs (terraform output -json): it has nothing like those that are looked for.";
  assert.deepEqual(await strange({}, { name: 'package', version: '1' }), [said]);
  assert.deepEqual(await strange({}, { name: { value: 'x', type: 'string' } }), []);
  assert.deepEqual(await strange({ port: { sources: [{ terraform: 'port' }] } }, { port: 1 }), []);
  assert.deepEqual(await strange({ h: { default: 'x' } }, { name: 'package' }), []);
});

test('what AWS was asked for, where nobody is logged in', async () => {
  const env = { AWS_EC2_METADATA_DISABLED: 'true' };
  const inputs = {
    account: { sources: [{ aws: 'account' }] },
    suffix: { sources: [{ aws: 'dns-suffix' }], default: 'x' },
  };
  const surroundings = {
    ...createSurroundings(requestWith(inputs), recordingHost(), never),
    caller: () => Promise.resolve({ findings: [errorFinding('aws/no-credentials', 'There are none.', 'Log in.')] }),
  };
  const evidenceOf = async (one: typeof inputs | Pick<typeof inputs, 'suffix'>) =>
    (await resolveInputs(requestWith(one, { env }), surroundings, recordingHost(), never)).findings.map(
      ({ severity, evidence }) => [severity, ...evidence],
    );
  assert.deepEqual(await evidenceOf(inputs), [['error', 'Needed for: account']]);
  assert.deepEqual(await evidenceOf({ suffix: inputs.suffix }), [['warning', 'Asked for suffix: the default holds']]);
});
