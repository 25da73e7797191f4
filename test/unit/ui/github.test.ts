import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listenersOf } from '../../../src/cli/listeners.ts';
import { parseCommandLine } from '../../../src/cli/program.ts';
import { DeployError } from '../../../src/errors.ts';
import type { Result } from '../../../src/events.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Ci } from '../../../src/ui/ci.ts';
import { makeFolder } from '../../support/cli.ts';
import { change, field, planOf, recordedHost, target } from './helpers.ts';

const counts = { created: 0, updated: 1, unchanged: 2, deleted: 0 };
const endpoints = [
  { name: 'web', url: 'http://web.shop.svc.cluster.local', scope: 'cluster' },
  { name: 'pending', scope: 'public' },
  { name: 'edge', url: 'http://shop.example', scope: 'public' },
];
const done: Result = {
  ok: true,
  exitCode: 0,
  findings: [],
  data: { release: 7, changes: counts, endpoints },
  text: '',
};

/** A run as GitHub Actions sees it: a host with the listeners of the command line, and the files of the step. */
async function step(t: TestContext, command = 'up', env: Record<string, string> = {}, ci?: Ci) {
  const folder = await makeFolder(t, { summary: 'before\n', output: 'before=1\n' });
  const files = { GITHUB_STEP_SUMMARY: join(folder, 'summary'), GITHUB_OUTPUT: join(folder, 'output') };
  const invocation = parseCommandLine([command], {}, '1');
  assert.ok(invocation.type === 'run');
  const listeners = await listenersOf(invocation, {
    env: { GITHUB_ACTIONS: 'true', ...files, ...env },
    cwd: ci?.system === 'github' ? ci.cwd : folder,
    version: '1',
  });
  const { host, err } = recordedHost({ listeners, ci });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { host, err, summary: () => read('summary'), output: () => read('output'), count: listeners.length };
}

/** The outputs of a step as the runner reads them. */
function outputsIn(text: string): Readonly<Record<string, string>> {
  const found = [...text.matchAll(/^(\w+)<<(end_[0-9a-f-]{36})\n([\s\S]*?)\n\2\n/gm)];
  assert.equal(new Set(found.map(([, , end]) => end)).size, found.length);
  return Object.fromEntries(found.map(([, name = '', , value = '']) => [name, value]));
}

test('a summary and the outputs are appended: target, plan as a table, result', async (t) => {
  const { host, summary, output, err } = await step(t);
  host.emit({ type: 'target', target });
  const plan = planOf([
    change('update', 'ConfigMap', 'settings', { fields: [field('data.a', '1', '2')] }),
    change('unchanged', 'Secret', 's'),
  ]);
  host.emit({ type: 'plan', plan, isResult: false });
  await host.finish('up', done);
  assert.match(
    summary(),
    /^before\n### oms-deploy up: done\n\n\| Target \| {2}\|\n\| --- \| --- \|\n\| account \| 111122223333 \|\n/,
  );
  assert.match(summary(), /Plan: 0 to create, 1 to change, 0 to delete, 1 unchanged\./);
  assert.match(summary(), /^\| change \| ConfigMap \| settings \| data\.a&#58; 1 -&#62; 2 \|$/m);
  assert.ok(output().startsWith('before=1\n'));
  assert.deepEqual(outputsIn(output()), { release: '7', changed: 'true', url: 'http://shop.example' });
  assert.doesNotMatch(err(), /could not/);
});

test('a failed run has its error and what it had done; an unchanged one says so', async (t) => {
  const failed = await step(t);
  failed.host.emit({ type: 'release', number: 8, status: 'deploying' });
  failed.host.emit({
    type: 'applied',
    object: { apiVersion: 'v1', kind: 'ConfigMap', name: 'c' },
    op: 'update',
    elapsedMs: 1,
  });
  await failed.host.fail('up', new DeployError('failed', 'The rollout failed.', { why: 'Because.', fix: 'Go back.' }));
  assert.match(
    failed.summary(),
    /### oms-deploy up: failed &#40;exit code 5, release 8&#41;\n\n\*\*The rollout failed\.\*\*\n\nBecause\.\n\nWhat to do: Go back\./,
  );
  assert.deepEqual(outputsIn(failed.output()), { release: '8', changed: 'true', url: '' });
  const idle = await step(t);
  await idle.host.finish('up', { ...done, data: { release: null, changes: { ...counts, updated: 0 }, endpoints: [] } });
  assert.deepEqual(outputsIn(idle.output()), { release: '', changed: 'false', url: '' });
});

test('a plan has recorded nothing: its number is no release yet', async (t) => {
  const { host, output, summary } = await step(t, 'plan');
  host.emit({ type: 'plan', plan: { ...planOf([change('create', 'ConfigMap', 'c')]), release: 7 }, isResult: true });
  await host.finish('plan', { ...done, data: { release: 7, changes: counts } });
  assert.deepEqual(outputsIn(output()), { release: '', changed: 'true', url: '' });
  assert.doesNotMatch(summary(), /release 7/);
});

test('commands that release nothing write no outputs; others write no summary either; nor does a run elsewhere', async (t) => {
  const lint = await step(t, 'lint');
  await lint.host.finish('lint', { ...done, data: {} });
  assert.equal(lint.output(), 'before=1\n');
  assert.match(lint.summary(), /oms-deploy lint/);
  assert.equal((await step(t, 'token')).count, 0);
  assert.equal((await step(t, 'up', { GITHUB_ACTIONS: '' })).count, 0);
});

test('a finding is at the file by which its annotation names it: from the top of the checkout', async (t) => {
  const workspace = await makeFolder(t, {});
  const ci = { system: 'github', cwd: join(workspace, 'app'), workspace } as const;
  const { host, err, summary } = await step(t, 'lint', { GITHUB_WORKSPACE: workspace }, ci);
  const at = (file: string): Finding => {
    return { id: 'a/b', severity: 'error', origin: { file, line: 4 }, cause: 'Hm.', evidence: [], fix: 'Look.' };
  };
  await host.finish('lint', { ...done, findings: [at('k8s/pod.yaml'), at('../k8s/web.yaml'), at('<stdin>')] });
  const files = ['app/k8s/pod.yaml', 'k8s/web.yaml'];
  assert.deepEqual(
    [...err().matchAll(/^::error file=([^,]*),line=4,/gm)].map(([, file]) => file),
    files,
  );
  const places = [...summary().matchAll(/<br>at (.*?)<br>/g)].map(([, place]) => place);
  assert.deepEqual(places, [...files.map((file) => `${file}&#58;4`), '&#60;stdin&#62;&#58;4']);
});

test('text from elsewhere stays text: no HTML, no Markdown, no link, no second row, no second output', async (t) => {
  const { host, summary, output } = await step(t);
  host.protect((text) => text.replaceAll('hunt|er22', '****'));
  const attack = '<img src=x onerror=a> |\n| [a](http://x) `b` *c* @kim #1 www.example.com \u202e\u001b[2J hunt|er22';
  host.emit({ type: 'target', target: { ...target, cluster: attack } });
  host.emit({
    type: 'plan',
    plan: planOf([change('create', 'ConfigMap', attack, { notes: [attack] })]),
    isResult: false,
  });
  const finding = { id: 'a/b', severity: 'error' as const, cause: attack, evidence: [attack], fix: attack };
  const url = 'http://x\nrelease<<e\n9\ne';
  await host.finish('up', {
    ...done,
    findings: [finding],
    data: { ...done.data, endpoints: [{ name: 'e', url, scope: 'public' }] },
  });
  const text = summary().slice('before\n'.length);
  assert.doesNotMatch(text.replaceAll('<br>', ''), /[<>`@]|hunt|\u202e|\]\(|www\.|https?:/);
  assert.ok(!text.includes('\u001b'));
  const bars = text.split('\n').flatMap((line) => (line.startsWith('|') ? [line.split('|').length - 1] : []));
  assert.deepEqual(bars, [...Array<number>(7).fill(3), 5, 5, 5], 'a row is a row');
  assert.deepEqual(Object.keys(outputsIn(output())), ['release', 'changed', 'url']);
  assert.equal(outputsIn(output()).release, '7');
});

test('a summary has its limits', async (t) => {
  const { host, summary } = await step(t);
  const long = '<'.repeat(5_000);
  const changes = Array.from({ length: 1_000 }, (_, index) =>
    change('create', 'ConfigMap', `c${index}`, { notes: [long] }),
  );
  host.emit({ type: 'plan', plan: planOf(changes), isResult: false });
  const finding = {
    id: 'a/b',
    severity: 'error' as const,
    cause: long,
    evidence: Array.from({ length: 50 }, () => long),
    fix: long,
  };
  await host.finish('up', { ...done, findings: Array.from({ length: 500 }, () => finding) });
  const bytes = Buffer.byteLength(summary());
  assert.ok(bytes < 600 * 1024, `${bytes} bytes`);
  assert.match(summary(), /\n\nAnd 800 more\.\n/);
  assert.match(summary(), /More than fits in here: the log has the rest\.\n$/);
});

test('a file that cannot be written is told, and fails no deploy', async (t) => {
  const { host, err } = await step(t, 'up', { GITHUB_STEP_SUMMARY: '/gone/summary', GITHUB_OUTPUT: '/gone/output' });
  await host.finish('up', done);
  assert.match(err(), /! The job summary could not be written: .*\n! The step outputs could not be written: /);
});
