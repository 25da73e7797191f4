import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../../src/errors.ts';
import type { DeployEvent, PlaceFlags, Result } from '../../../src/events.ts';
import { redactor } from '../../../src/inputs/redact.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Listener } from '../../../src/ui/listener.ts';
import { eventView, findingView, resultView } from '../../../src/ui/views.ts';
import { inputsOf } from '../inputs/helpers.ts';
import { change, field, input, planOf, recordedHost, target } from './helpers.ts';

const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const finding: Finding = {
  id: 'a/b',
  severity: 'warning',
  object,
  origin: { file: 'k8s/a.yaml', line: 3 },
  cause: 'Hm.',
  evidence: ['one'],
  fix: 'Correct it.',
};
const secretBody = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { p: 'aHVudGVyMjI=' } };
const plan = planOf([
  change('create', 'Secret', 's', { live: secretBody }),
  change('update', 'Deployment', 'web', { fields: [field('spec.replicas', 1, 2)], notes: ['restarts 2 pods'] }),
  change('unchanged', 'Service', 'web'),
]);
const withSecret = {
  ...plan,
  waves: plan.waves.map((wave) => ({
    ...wave,
    changes: wave.changes.map((entry) => ({ ...entry, manifest: { ...entry.manifest, body: secretBody } })),
  })),
};

/** One event of every type. */
const events: readonly DeployEvent[] = [
  { type: 'target', target },
  { type: 'inputs', inputs: [input('port', 6379), input('password', 'hunter22', true)] },
  { type: 'plan', plan: withSecret, isResult: false },
  { type: 'wave', number: 4, name: 'workloads', objects: 1 },
  { type: 'applied', object, op: 'create', elapsedMs: 5 },
  { type: 'progress', object, count: { desired: 3, updated: 3, ready: 1 }, why: '1 of 3 pods ready', elapsedMs: 1000 },
  { type: 'ready', object, detail: '3/3', elapsedMs: 65_000 },
  { type: 'finding', finding },
  { type: 'step', name: 'etcd', message: 'starts' },
  { type: 'detail', message: 'only with --verbose' },
];
const result: Result = { ok: true, exitCode: 0, findings: [finding], data: { release: 3 }, text: 'Done.' };

function parseLines(text: string): readonly JsonObject[] {
  assert.ok(text.endsWith('\n'));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

for (const event of events) {
  test(`the view of ${event.type} is JSON, of its type, and holds no manifest body and no secret`, () => {
    const view = eventView(event);
    assert.equal(view.type, event.type);
    assert.deepEqual(JSON.parse(JSON.stringify(view)), view);
    assert.doesNotMatch(JSON.stringify(view), /hunter22|aHVudGVyMjI|"body"|"live"/);
  });
}

test('the views of inputs and plan', () => {
  const views = events.slice(1, 3).map(eventView);
  assert.deepEqual(views, [
    {
      type: 'inputs',
      inputs: [
        { name: 'port', value: 6379, secret: false, source: { kind: 'terraform', detail: 'terraform output port' } },
        {
          name: 'password',
          value: '****',
          secret: true,
          source: { kind: 'terraform', detail: 'terraform output password' },
        },
      ],
    },
    {
      type: 'plan',
      release: null,
      changes: { created: 1, updated: 1, unchanged: 1, deleted: 0 },
      objects: [
        ['create', 'Secret', 's', [], []],
        ['update', 'Deployment', 'web', [{ path: 'spec.replicas', before: 1, after: 2 }], ['restarts 2 pods']],
        ['unchanged', 'Service', 'web', [], []],
      ].map(([op, kind, name, fields, notes]) => ({
        op,
        object: { apiVersion: 'v1', kind, namespace: 'shop', name },
        file: 'k8s/app.yaml',
        line: 3,
        wave: 2,
        fields,
        notes,
      })),
    },
  ]);
});

test('a finding has one line per fact, null for what is not known', () => {
  const flat = { id: 'a/b', severity: 'warning', cause: 'Hm.', evidence: ['one'], fix: 'Correct it.' };
  assert.deepEqual(findingView(finding), { ...flat, object: 'Deployment shop/web', file: 'k8s/a.yaml', line: 3 });
  const { object: _o, origin: _p, ...bare } = finding;
  assert.deepEqual(findingView(bare), { ...flat, object: null, file: null, line: null });
  assert.deepEqual(resultView('up', result), {
    type: 'result',
    command: 'up',
    ok: true,
    exitCode: 0,
    release: 3,
    findings: [findingView(finding)],
  });
});

test('json: one event a line on stdout, nothing on stderr, the result last', async () => {
  const { host, out, err } = recordedHost({ output: 'json', quiet: true });
  for (const event of events) host.emit(event);
  await host.finish('up', result);
  const lines = parseLines(out());
  assert.equal(err(), '');
  assert.deepEqual(
    lines.map(({ type }) => type),
    [...events.map(({ type }) => type), 'result'],
  );
  for (const { schema, time } of lines) {
    assert.equal(schema, 'oms-deploy/v1');
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
});

test('json: an error is a result, too', async () => {
  const { host, out } = recordedHost({ output: 'json' });
  await host.fail('up', new DeployError('timeout', 'Too slow.', { fix: 'Wait.', findings: [finding] }));
  const [{ time: _, ...line } = {}] = parseLines(out());
  assert.deepEqual(line, {
    schema: 'oms-deploy/v1',
    type: 'result',
    command: 'up',
    ok: false,
    exitCode: 6,
    error: { code: 'timeout', message: 'Too slow.', why: null, fix: 'Wait.' },
    findings: [findingView(finding)],
  });
});

for (const secret of ['true', 'name', 'null', '"}],', '6379', '\\', '\n"a"', 'schema']) {
  test(`json stays JSON, and keeps its keys, where a secret is the text ${JSON.stringify(secret)}`, async () => {
    const { host, out } = recordedHost({ output: 'json' });
    host.protect(redactor(inputsOf({ password: secret.padEnd(4, '\\') }, ['password'])));
    for (const event of events) host.emit(event);
    host.emit({ type: 'detail', message: `the password is ${secret.padEnd(4, '\\')}!` });
    await host.finish('up', result);
    const lines = parseLines(out());
    assert.equal(lines.length, events.length + 2);
    for (const line of lines) assert.deepEqual(Object.keys(line).slice(0, 3), ['schema', 'time', 'type']);
    assert.equal(lines.at(-2)?.message, 'the password is ****!');
    assert.equal(lines.at(-1)?.ok, true);
  });
}

/** The lines of the plain output, their times taken off. */
function plainLines(verbose: boolean, quiet = false): readonly string[] {
  const { host, err, out } = recordedHost({ verbose, quiet });
  for (const event of events) host.emit(event);
  assert.equal(out(), '');
  const lines = err().trimEnd().split('\n');
  for (const line of lines) assert.match(line, /^(\d\d:\d\d:\d\d | {2})/);
  return lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''));
}

const findingLines = [
  '  ! Hm.',
  '      at     k8s/a.yaml:3  Deployment shop/web',
  '      proof  one',
  '      do     Correct it.  a/b',
];
const plainExpected = [
  'target account=111122223333 arn=arn:aws:sts::111122223333:assumed-role/deployer/ci region=eu-central-1 cluster=prod server=https://ABC.gr7.eu-central-1.eks.amazonaws.com version=v1.36.3 namespace=shop (exists)',
  'input port=6379 (terraform output port)',
  'input password=**** (terraform output password)',
  'plan create Secret/s',
  'plan update Deployment/web: spec.replicas: 1 -> 2, restarts 2 pods',
  'plan 1 to create, 1 to change, 1 unchanged',
  'wave workloads (1)',
  'applied Deployment/web',
  'waiting 1.0s Deployment/web 1/3: 1 of 3 pods ready',
  'ready Deployment/web 3/3 (1m 05s)',
  ...findingLines,
  'etcd starts',
  'only with --verbose',
];

test('plain: a line with its time per change of state', () => {
  const hidden = new Set(['wave workloads (1)', 'only with --verbose']);
  assert.deepEqual(plainLines(true), plainExpected);
  assert.deepEqual(
    plainLines(false),
    plainExpected.filter((line) => !hidden.has(line)),
  );
});

test('--quiet shows where and what, once, where a question follows: nobody answers blindly', async () => {
  const interrupted = AbortSignal.abort();
  const asked = async (isInteractive: boolean): Promise<string> => {
    const { host, err } = recordedHost({ output: 'human', quiet: true }, { isInteractive });
    events.forEach((event) => host.emit(event));
    const question = { type: 'confirm', message: 'Apply?', flag: '--yes' } as const;
    for (const _ of [1, 2]) await host.confirm(question, interrupted).catch(() => false);
    return err();
  };
  const shown = await asked(true);
  assert.match(shown, /^Target\n[^]*\nPlan\n[^]*Deployment +web/m);
  assert.equal(shown.match(/^Target$/gm)?.length, 1);
  assert.doesNotMatch(shown, /^starts$|hunter22|aHVudGVyMjI/m);
  assert.doesNotMatch(await asked(false), /Target|Plan/);
});

test('a result at a terminal is broken at its spaces, below its own text; a file has it whole', () => {
  const words = 'reader runs for 33 s and is not ready: Readiness probe failed with statuscode 503';
  const shown = (outColumns: number, text: Result['text']): string => {
    const { host, out } = recordedHost({ output: 'human' }, { outColumns });
    void host.finish('verify', { ...result, text });
    return out();
  };
  assert.equal(
    shown(50, () => `  proof  ${words}`),
    '  proof  reader runs for 33 s and is not ready:\n' +
      '         Readiness probe failed with statuscode\n         503\n',
  );
  assert.equal(
    shown(Number.POSITIVE_INFINITY, () => `  proof  ${words}`),
    `  proof  ${words}\n`,
  );
  assert.equal(shown(50, words), `${words}\n`, 'what programs read stays as it is');
});

test('plain and human with --quiet: findings alone', () => {
  assert.deepEqual(plainLines(false, true), findingLines);
  const { host, err } = recordedHost({ output: 'human', quiet: true });
  for (const event of events) host.emit(event);
  assert.deepEqual(err().trimEnd().split('\n'), findingLines);
});

for (const output of ['plain', 'human'] as const) {
  test(`${output}: results on stdout, all else on stderr; secrets are redacted and escapes shown in both`, async () => {
    const { host, out, err } = recordedHost({ output });
    host.protect(redactor(inputsOf({ password: 'hunter22' }, ['password'])));
    for (const event of events) host.emit(event);
    host.emit({ type: 'step', name: 'x', message: 'hunter22 \u001b[2Jdone\u202e' });
    await host.finish('up', { ...result, text: 'The password is hunter22.' });
    await host.fail('up', new DeployError('failed', 'It is hunter22.', { why: 'hunter22', fix: 'hunter22' }));
    assert.equal(out(), 'The password is ****.\n');
    for (const hidden of ['hunter22', '\u001b', '\u202e']) assert.ok(!err().includes(hidden), hidden);
    assert.match(err(), /\*{4} <U\+001B>\[2Jdone<U\+202E>\n/);
    assert.match(err(), /x It is \*{4}\.\n/);
  });

  test(`${output}: an empty result prints nothing`, async () => {
    const { host, out } = recordedHost({ output });
    await host.finish('plan', { ...result, text: '' });
    assert.equal(out(), '');
  });
}

test('human: a secret is taken out before lines are broken at its spaces', () => {
  const { host, err, out } = recordedHost({ output: 'human' }, { columns: 40, outColumns: 40, canRedraw: true });
  const secret = 'correct horse battery staple hunter22';
  host.protect(redactor(inputsOf({ password: secret }, ['password'])));
  host.emit({ type: 'step', name: 'inputs', message: `What the server said of it: ${secret}` });
  host.emit(status(`of ${secret} there`));
  assert.equal(err(), 'What the server said of it: ****\n');
  assert.doesNotMatch(out(), /horse|hunter22/);
});

const status = (application: string): DeployEvent => ({
  type: 'status',
  status: {
    application,
    cluster: 'c',
    namespace: 'n',
    workloads: [],
    services: [],
    scalers: [],
    addresses: [],
    others: 0,
  },
});

test('human: a status takes the place of the one before where the terminal can; elsewhere they follow each other', () => {
  const shown = (canRedraw: boolean): string => {
    const { host, out } = recordedHost({ output: 'human' }, { canRedraw, outColumns: 40 });
    for (const name of ['one', 'two']) host.emit(status(name));
    return out();
  };
  // Five rows: what is wider than the terminal is broken, so that the rows can be counted.
  const rows = (name: string): string =>
    `${name} on c - namespace n\n\nNothing of ${name} is deployed here. The\nnamespace has no workloads.\nnext: another namespace, -n <name>\n`;
  assert.equal(shown(true), `${rows('one')}\u001b[5A\u001b[J${rows('two')}`);
  const whole = (name: string): string => rows(name).replace('The\n', 'The ');
  assert.equal(shown(false), whole('one') + whole('two'));
});

for (const output of ['plain', 'human'] as const) {
  test(`${output}: a plan that was asked for goes to stdout, also with --quiet; in a file with its target and whole values`, () => {
    const long = 'x'.repeat(300);
    const asked = planOf([change('update', 'ConfigMap', 'c', { fields: [field('data.a', 'y', long)] })], [finding]);
    const shown = (outColumns: number): string => {
      const { host, out, err } = recordedHost({ output, quiet: true }, { outColumns });
      host.emit({ type: 'plan', plan: asked, isResult: true });
      assert.equal(err(), '');
      return out();
    };
    const rest = ['  0 to create - 1 to change - 0 unchanged', '', ...findingLines, ''].join('\n');
    const file = shown(Number.POSITIVE_INFINITY);
    assert.match(file, /^Target\n {2}account {4}111122223333 .*\n(.*\n)* {2}namespace {2}shop \(exists\)\n\nPlan\n/);
    assert.ok(file.endsWith(`Plan\n  ~ ConfigMap  c  data.a: y -> ${long}\n${rest}`), file);
    assert.match(shown(80), /^Plan\n {2}~ ConfigMap {2}c {2}data\.a: y -> x+\.\.\.x+\n/);
  });
}

test('human: colour at a terminal, none with --no-color, none in plain', () => {
  const step: DeployEvent = { type: 'step', name: 'x', message: 'm' };
  const terminal = { hasColor: true, hasUnicode: true };
  for (const [options, expected] of [
    [{ output: 'human' }, '\u001b[2mm\u001b[22m\n'],
    [{ output: 'human', color: false }, 'm\n'],
  ] as const) {
    const { host, err } = recordedHost(options, terminal);
    host.emit(step);
    assert.equal(err(), expected);
  }
  const { host, err } = recordedHost({ output: 'plain' }, terminal);
  for (const event of events) host.emit(event);
  assert.ok(!err().includes('\u001b'));
});

for (const [options, terminal] of [
  [{ output: 'plain' }, { isInteractive: true }],
  [{ output: 'json' }, { isInteractive: true }],
  [{ output: 'human' }, { isInteractive: false }],
] as const) {
  test(`nobody is asked: ${options.output}, ${terminal.isInteractive ? 'at a terminal' : 'elsewhere'}`, async () => {
    const { host } = recordedHost(options, terminal);
    const { signal } = new AbortController();
    assert.equal(host.canAsk, false);
    const confirm = host.confirm({ type: 'confirm', message: 'Apply?', flag: '--yes' }, signal);
    await assert.rejects(confirm, { code: 'usage', message: /Apply\?$/, fix: 'Give it beforehand: --yes.' });
    const text = host.text({ type: 'text', message: 'Password', secret: true, flag: 'OMS_INPUT_PW' }, signal);
    await assert.rejects(text, { code: 'usage', fix: /OMS_INPUT_PW/ });
    const choice = host.choose({ type: 'choice', message: 'Which?', choices: [], flag: '--yes' }, signal);
    await assert.rejects(choice, { code: 'usage', message: /Which\?$/, fix: 'Give it beforehand: --yes.' });
  });
}

const noFlags: PlaceFlags = { deploy: '', verify: '', look: '', owner: '', kubectl: '' };

test('the commands of hints get the flags of the run, but for those that have flags', async () => {
  const { host, err } = recordedHost();
  host.place({ ...noFlags, deploy: ' -f k8s --set a=b', verify: ' -f k8s', look: ' -n shop' });
  const fix = 'Read oms-deploy logs web --previous, oms-deploy logs -n a or oms-deploy doctor, then oms-deploy up.';
  await host.fail(
    'up',
    new DeployError('failed', 'No.', { fix, findings: [{ ...finding, fix: 'See oms-deploy status.' }] }),
  );
  assert.match(
    err(),
    /do {2}Read oms-deploy logs -n shop web --previous, oms-deploy logs -n a or oms-deploy doctor -f k8s, then oms-deploy up -f k8s --set a=b\./,
  );
  assert.match(err(), /do {5}See oms-deploy status -n shop\./);
});

test('who listens hears every event and the end, and what went wrong with that is told, without secrets', async () => {
  const heard: string[] = [];
  const { host, err } = recordedHost({
    output: 'plain',
    listeners: [
      (redact) => ({
        event: ({ type }) => heard.push(redact(`${type} hunter22`)),
        end: (end) => {
          heard.push(`${end.command} ${'error' in end ? end.error.code : 'done'}`);
          return Promise.resolve(['The report hunter22 could not be written.']);
        },
      }),
    ],
  });
  host.protect((text) => text.replaceAll('hunter22', '****'));
  host.emit({ type: 'detail', message: 'x' });
  await host.finish('up', result);
  await host.fail('up', new DeployError('failed', 'No.'));
  assert.deepEqual(heard, ['detail ****', 'up done', 'up failed']);
  assert.match(err(), /! The report \*{4} could not be written\./);
});

const hiddenThings = [
  ['a\u202ebc', 'a<U+202E>bc'],
  ['a\u0007bc', 'a␇bc'],
  ['a\u200bbc', 'a<U+200B>bc'],
  ['\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
  ['abc\r', 'abc␍'],
  ['a\tbc', 'a\\tbc'],
] as const;

for (const isResult of [true, false]) {
  for (const hasColor of [true, false]) {
    for (const output of ['human', 'plain'] as const) {
      test(`${output}, colour ${hasColor}, result ${isResult}: what a plan changes is seen, and values have no colour of their own`, () => {
        const terminal = { hasColor, hasOutColor: hasColor, hasUnicode: true, columns: 200 };
        for (const [value, shown] of hiddenThings) {
          const { host, out, err } = recordedHost({ output }, terminal);
          const fields = [field('data.a', 'abc', value), field('data.b', 'x\ny', `x\n${value}`)];
          const changed = change('update', 'ConfigMap', 'c', { fields, notes: [`was ${value}`] });
          host.emit({ type: 'plan', plan: planOf([changed]), isResult });
          // oxlint-disable-next-line no-control-regex -- our own colours are left out
          const text = `${out()}${err()}`.replace(/\u001b\[(?:1|2|22|3[1-9])m/g, '');
          assert.ok(text.includes(`abc -> ${shown}`), text);
          assert.ok(!text.includes(value), text);
          if (!hasColor) assert.ok(!`${out()}${err()}`.includes('\u001b'), text);
        }
      });
    }
  }
}

test('a finding, an error and a text in style have no colours but ours; a name is on one line', async () => {
  const red = '\u001b[31mred\u001b[0m';
  const said: Finding = { ...finding, object: { ...object, name: 'we\nb' }, cause: red, evidence: [red], fix: red };
  const { host, out, err } = recordedHost({ output: 'human' }, { hasColor: true, hasOutColor: true, hasUnicode: true });
  host.emit({ type: 'finding', finding: said });
  await host.fail('up', new DeployError('failed', red, { why: red, fix: red, findings: [said] }));
  await host.finish('up', { ...result, text: (style) => style.good(style.value(red)) });
  assert.equal(err().split('␛[31mred␛[0m').length - 1, 9);
  assert.ok(err().includes('Deployment shop/we\\nb'));
  assert.equal(out(), '\u001b[32m␛[31mred␛[0m\u001b[39m\n');
});

test('a secret with a control character in it is known before that is shown', () => {
  const { host, out } = recordedHost({ output: 'human' }, { hasUnicode: true });
  host.protect(redactor(inputsOf({ password: 'hun\u0007ter22' }, ['password'])));
  const fields = [field('data.a', 'abc', 'hun\u0007ter22')];
  host.emit({ type: 'plan', plan: planOf([change('update', 'ConfigMap', 'c', { fields })]), isResult: true });
  assert.match(out(), /abc -> \*{4}/);
});

test('what to do is told with the flags of the run in every output and to every listener', async () => {
  const check: Finding = { ...finding, fix: 'See why: oms-deploy logs web, oms-deploy doctor.' };
  const told = 'See why: oms-deploy logs -n shop --sandbox web, oms-deploy doctor -n shop -f k8s --sandbox.';
  const heard: string[] = [];
  const listener: Listener = {
    event: (event) => void (event.type === 'finding' && heard.push(event.finding.fix)),
    async end(end) {
      if ('error' in end) heard.push(end.error.fix ?? '', ...end.error.findings.map(({ fix }) => fix));
      else
        heard.push(...[end.result, ...(end.result.checks ?? [])].flatMap((one) => one.findings.map(({ fix }) => fix)));
      return [];
    },
  };
  const { host, out } = recordedHost({ output: 'json', listeners: [() => listener] });
  const look = ' -n shop --sandbox';
  host.place({ ...noFlags, verify: ' -n shop -f k8s --sandbox', look, owner: look });
  host.emit({ type: 'finding', finding: check });
  const outcome = { id: 'a/b', summary: '', status: 'failed', detail: '', findings: [check] } as const;
  await host.finish('verify', { ...result, findings: [check], checks: [outcome] });
  const fix = 'Go back: oms-deploy rollback 1.';
  await host.fail('up', new DeployError('failed', 'It failed.', { fix, findings: [check] }));
  const back = 'Go back: oms-deploy rollback -n shop --sandbox 1.';
  assert.deepEqual(heard, [told, told, told, back, told]);
  const views = parseLines(out());
  assert.equal(JSON.stringify(views).split(JSON.stringify(told)).length - 1, 3);
  assert.ok(JSON.stringify(views.at(-1)).includes(JSON.stringify(back)));
});

test('a file that was written is told at the end, on stderr, whatever the end; not with --quiet, and not one that was not', async () => {
  const listener = (problems: readonly string[]) => () => ({
    event: () => undefined,
    writes: 'x.html',
    end: async () => problems,
  });
  const ended = async (options: object, problems: readonly string[] = []): Promise<readonly string[]> => {
    const { host, out, err } = recordedHost({ ...options, listeners: [listener(problems)] });
    await host.fail('up', new DeployError('failed', 'No.'));
    assert.doesNotMatch(out(), /x\.html/);
    return err().trimEnd().split('\n');
  };
  for (const output of ['human', 'plain', 'json'] as const)
    assert.equal((await ended({ output })).at(-1), 'Report  x.html');
  assert.deepEqual(await ended({ quiet: true }), ['x No.']);
  assert.deepEqual(await ended({}, ['It was not written.']), ['x No.', '! It was not written.']);
  const { host, err } = recordedHost({ listeners: [listener([])] });
  await host.finish('up', result);
  assert.equal(err(), 'Report  x.html\n');
});

for (const output of ['human', 'plain'] as const) {
  test(`${output}: during a rollout never more pods are ready than are wanted`, () => {
    const { host, err } = recordedHost({ output });
    host.emit({
      type: 'progress',
      object,
      count: { desired: 2, updated: 1, ready: 3 },
      why: '1 of 2 pods updated',
      elapsedMs: 1000,
    });
    assert.match(err(), /2\/2/);
    assert.doesNotMatch(err(), /3\/2/);
  });
}
