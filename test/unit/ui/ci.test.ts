import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../../src/errors.ts';
import type { DeployEvent, Result } from '../../../src/events.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { type Ci, ciOf } from '../../../src/ui/ci.ts';
import { defused, defusedData, workflowCommand } from '../../../src/ui/github/commands.ts';
import { change, planOf, recordedHost, target } from './helpers.ts';

const github: Ci = { system: 'github', cwd: '/work/shop', workspace: '/work' };
const done: Result = { ok: true, exitCode: 0, findings: [], data: {}, text: 'Done.' };
const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };

function findingAt(file: string, rest: Partial<Finding> = {}): Finding {
  return {
    ...{ id: 'a/b', severity: 'error' as const, origin: { file, line: 3 } },
    ...{ cause: 'It is wrong.', evidence: [], fix: 'Correct it.', ...rest },
  };
}

/** The commands that the runner of GitHub Actions would see in a log, by its own rules (ActionCommand.cs of actions/runner). */
function commandsIn(log: string): readonly string[] {
  return log.split(/\r\n|\r|\n/).filter((line) => {
    const text = line.replace(/^[\s\u0085]+/, '');
    return (text.startsWith('::') && text.indexOf('::', 2) > 0) || /##\[[^\]]*\]/.test(line);
  });
}

test('which CI system it is', () => {
  assert.deepEqual(ciOf({ GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: '/work' }, '/work/shop'), github);
  assert.deepEqual(ciOf({ GITLAB_CI: 'true' }, '/'), { system: 'gitlab' });
  assert.equal(ciOf({ CI: 'true', GITHUB_ACTIONS: '0' }, '/'), undefined);
});

test('a workflow command escapes its data, and more in its properties', () => {
  assert.equal(
    workflowCommand('error', { file: 'a,b:c%d\r\n', line: '3', col: undefined }, '50% of a,b:c\r\nd'),
    '::error file=a%2Cb%3Ac%25d%0D%0A,line=3::50%25 of a,b:c%0D%0Ad',
  );
});

const run: readonly DeployEvent[] = [
  { type: 'step', name: 'inputs', message: 'Asking AWS' },
  { type: 'target', target },
  { type: 'inputs', inputs: [] },
  { type: 'plan', plan: planOf([change('update', 'ConfigMap', 'c')]), isResult: false },
  { type: 'release', number: 2, status: 'deploying' },
  { type: 'wave', number: 2, name: 'config', objects: 1 },
  { type: 'applied', object: web, op: 'update', elapsedMs: 1 },
  { type: 'progress', object: web, why: '1 of 3 pods ready', elapsedMs: 1 },
  { type: 'ready', object: web, detail: '3/3', elapsedMs: 2 },
];

test('GitHub Actions: a group per phase, and none is left open', async () => {
  const { host, err, out } = recordedHost({ ci: github });
  for (const event of run) host.emit(event);
  await host.finish('up', done);
  const groups = ['Target and inputs', 'Plan', 'Apply config', 'Wait'];
  assert.deepEqual(
    commandsIn(err()),
    groups.flatMap((title) => [`::group::${title}`, '::endgroup::']),
  );
  const lines = err().split('\n');
  assert.ok(lines.indexOf('::group::Wait') < lines.findIndex((line) => line.includes('waiting')));
  assert.equal(out(), 'Done.\n');
});

test('a group ends before what was asked for, and before an error', async () => {
  const { host, err } = recordedHost({ ci: github });
  for (const event of run.slice(0, 3)) host.emit(event);
  await host.fail('up', new DeployError('refused', 'No: 50%.', { why: 'Because.' }));
  const lines = err().trimEnd().split('\n');
  assert.ok(lines.indexOf('::endgroup::') < lines.indexOf('x No: 50%.'));
  assert.equal(lines.at(-1), '::error title=oms-deploy up::No: 50%25.%0ABecause.');
});

test('--quiet: no groups; JSON: no command at all', () => {
  for (const options of [{ quiet: true }, { output: 'json' as const }]) {
    const { host, err, out } = recordedHost({ ci: github, ...options });
    for (const event of run) host.emit(event);
    assert.deepEqual(commandsIn(err() + out()), []);
  }
});

test('findings with a file are annotations at it, named from the checkout, once', async () => {
  const { host, err } = recordedHost({ ci: github });
  host.protect((text) => text.replaceAll('a:b%c', '****'));
  const findings = [
    findingAt('k8s/a,b.yaml', { evidence: ['the secret is a:b%c'], object: web }),
    findingAt('k8s/w.yaml', { severity: 'warning', origin: { file: 'k8s/w.yaml', line: 4, column: 7 } }),
    findingAt('k8s/i.yaml', { severity: 'info' }),
    findingAt('<stdin>'),
    findingAt('../../elsewhere.yaml'),
    findingAt('/opt/templates/a.yaml'),
    findingAt('addon quota: quota.yaml'),
  ];
  host.emit({ type: 'plan', plan: planOf([], findings), isResult: false });
  await host.finish('plan', { ...done, findings });
  assert.deepEqual(
    commandsIn(err()).filter((line) => !line.includes('group::')),
    [
      '::error file=shop/k8s/a%2Cb.yaml,line=3,title=a/b::It is wrong.%0ADeployment shop/web%0Athe secret is ****%0ACorrect it.',
      '::warning file=shop/k8s/w.yaml,line=4,col=7,title=a/b::It is wrong.%0ACorrect it.',
    ],
  );
});

test('a failure carries the causes that have no annotation of their own, the first few of them', async () => {
  const fail = async (findings: readonly Finding[]): Promise<readonly string[]> => {
    const { host, err } = recordedHost({ ci: github });
    await host.fail(
      'up',
      new DeployError('invalid', '1 problem. Nothing was changed.', { fix: 'Correct it.', findings }),
    );
    return commandsIn(err());
  };
  const cause = 'namespaces is forbidden.';
  const { origin: _, ...nowhere } = findingAt('', { cause, fix: 'Ask for the right.' });
  assert.deepEqual(await fail([nowhere, findingAt('k8s/a.yaml'), { ...nowhere, severity: 'warning' }]), [
    '::error file=shop/k8s/a.yaml,line=3,title=a/b::It is wrong.%0ACorrect it.',
    `::error title=oms-deploy up::1 problem. Nothing was changed.%0A- ${cause} Ask for the right.%0ACorrect it.`,
  ]);
  const [line = ''] = await fail(Array.from({ length: 7 }, () => nowhere));
  assert.equal(line.split(cause).length - 1, 5);
  assert.ok(line.includes('%0A- and 2 more%0A'));
});

const attacks = [
  '::error::pwned',
  '  \t::set-output name=x::pwned',
  '\u00a0\u2003::stop-commands::pwned',
  '\u0085::add-mask::a',
  'text\r::warning::pwned',
  'text\n::warning::pwned',
  'a ##[error]pwned',
  '::Error::pwned',
];

for (const attack of attacks) {
  test(`GitHub Actions: text from elsewhere is no command: ${JSON.stringify(attack)}`, async () => {
    assert.equal(commandsIn(attack).length, 1, 'the runner would see one');
    for (const output of ['plain', 'human', 'json'] as const) {
      const { host, err, out } = recordedHost({ ci: github, output, quiet: true });
      const finding = findingAt('<stdin>', { cause: attack, evidence: [attack], fix: attack });
      host.emit({ type: 'finding', finding });
      host.emit({
        type: 'log',
        line: { pod: 'p', container: 'c', time: 't', text: attack, source: attack, index: 0 },
      });
      host.emit({ type: 'plan', plan: planOf([change('update', 'ConfigMap', attack)], [finding]), isResult: true });
      host.say(attack);
      await host.finish('up', { ...done, text: attack });
      await host.finish('up', { ...done, text: () => attack });
      assert.deepEqual(commandsIn(err() + out()), [], output);
      assert.match(err() + out(), /pwned|add-mask/);
    }
    const { host, err, out } = recordedHost({ ci: github });
    host.emit({ type: 'step', name: attack, message: attack });
    host.emit({ type: 'wave', number: 1, name: attack, objects: 1 });
    host.emit({ type: 'progress', object: { ...web, name: attack }, why: attack, elapsedMs: 1 });
    await host.fail(
      attack,
      new DeployError('failed', attack, { why: attack, fix: attack, findings: [findingAt(attack, { cause: attack })] }),
    );
    const ours = commandsIn(err() + out()).filter((line) => !/^::(group|endgroup|error)(:: | [a-z]|::)/.test(line));
    assert.deepEqual(ours, []);
    for (const line of commandsIn(err())) assert.doesNotMatch(line, /^\s+::|\r|##\[/);
  });
}

test('defusing is visible, and leaves all else as it is', () => {
  assert.equal(defused('  ::error::x'), '  \\::error::x');
  assert.equal(defused('a\r##[group]'), 'a\\r##\\[group]');
  assert.equal(defused('a :: b [c] # ::'), 'a :: b [c] # ::');
});

test('JSON stays the very same value', () => {
  const { host, out } = recordedHost({ ci: github, output: 'json' });
  host.emit({ type: 'detail', message: 'a ##[error]b' });
  assert.equal((JSON.parse(out()) as { message: string }).message, 'a ##[error]b');
});

test('data is changed only where it holds a command, which is told; in a file never', async () => {
  const text = '---\nhosts: |\n  ::1 localhost\n  ::ffff:127.0.0.1 b\n';
  assert.deepEqual(defusedData(text), { text, count: 0 });
  const hostile = `${text}  ::error file=a::b\n`;
  const piped = recordedHost({ ci: github });
  await piped.host.finish('render', { ...done, text: hostile });
  assert.equal(piped.out(), `${text}  \\::error file=a::b\n`);
  assert.match(piped.err(), /1 line would be a command to GitHub Actions/);
  const filed = recordedHost({ ci: github }, { isOutFile: true });
  await filed.host.finish('render', { ...done, text: hostile });
  assert.deepEqual([filed.out(), filed.err()], [hostile, '']);
  const elsewhere = recordedHost();
  await elsewhere.host.finish('render', { ...done, text: hostile });
  assert.equal(elsewhere.out(), hostile);
});

test('GitLab: a section per phase, with a safe name, ended before the next', async () => {
  const { host, err } = recordedHost({ ci: { system: 'gitlab' } });
  for (const event of run) host.emit(event);
  host.emit({ type: 'wave', number: 3, name: 'a\r\u001b[0Ksection_end:1:x', objects: 1 });
  host.emit({ type: 'step', name: 'x', message: '\u001b[0Ksection_start:1:evil\r\u001b[0KEvil' });
  await host.finish('up', done);
  // oxlint-disable-next-line no-control-regex -- sections are marked by them
  const marks = [...err().matchAll(/^\u001b\[0Ksection_(start|end):\d{10}:([a-z0-9_]+)\r\u001b\[0K(.*)$/gm)];
  assert.deepEqual(
    marks.map(([, word, name, title]) => [word, name, title]),
    [
      ['Target and inputs', 'target_and_inputs'],
      ['Plan', 'plan'],
      ['Apply config', 'apply_config'],
      ['Wait', 'wait'],
      ['Apply a␍␛[0Ksection_end:1:x', 'apply_a_0ksection_end_1_x'],
    ].flatMap(([title, name], index) => [
      ['start', `oms_deploy_${index + 1}_${name}`, title],
      ['end', `oms_deploy_${index + 1}_${name}`, ''],
    ]),
  );
  assert.equal(err().split('\u001b').length - 1, marks.length * 2);
});
