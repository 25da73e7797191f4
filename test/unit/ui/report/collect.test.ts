import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DeployError } from '../../../../src/errors.ts';
import type { DeployEvent, Result } from '../../../../src/events.ts';
import type { Finding } from '../../../../src/model/finding.ts';
import type { Release } from '../../../../src/model/release.ts';
import { collectReport } from '../../../../src/ui/report/collect.ts';
import { reportListener } from '../../../../src/ui/report/listener.ts';
import { makeFolder } from '../../../support/cli.ts';
import { change, field, input, planOf, target } from '../helpers.ts';

const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
const warning: Finding = { id: 'a/b', severity: 'warning', cause: 'Hm.', evidence: [], fix: 'Look.' };
const problem: Finding = { ...warning, id: 'a/c', severity: 'error' };
const result: Result = { ok: true, exitCode: 0, findings: [warning], data: {}, text: 'Done in 3s: all well.\nNext\n' };
const plan = planOf([change('update', 'ConfigMap', 'c', { fields: [field('data.a', 'x', 'y')] })], [warning]);

function released(number: number): readonly DeployEvent[] {
  return [
    { type: 'plan', plan: { ...plan, release: number }, isResult: false },
    { type: 'release', number, status: 'deploying' },
    { type: 'wave', number: 4, name: 'workloads', objects: 1 },
    { type: 'applied', object: web, op: 'update', elapsedMs: 1 },
  ];
}

/** A collector that has heard these events, one a second. */
function heard(events: readonly DeployEvent[]): ReturnType<typeof collectReport> {
  let now = Date.parse('2026-01-01T10:00:00.000Z');
  const collector = collectReport('1.2.3', () => (now += 1000));
  for (const event of events) collector.hear(event);
  return collector;
}

test('a run that went well: target, inputs, plan, timeline, each finding once', () => {
  const events: readonly DeployEvent[] = [
    { type: 'target', target },
    { type: 'inputs', inputs: [input('port', 6379), input('password', 'hunter22', true)] },
    ...released(3),
    { type: 'finding', finding: warning },
    { type: 'release', number: 3, status: 'deployed' },
  ];
  const report = heard(events).report({ command: 'up', result });
  assert.deepEqual(report.outcome, { state: 'good', word: 'done', message: 'in 3s: all well.' });
  assert.equal(report.application, 'shop');
  assert.deepEqual(report.inputs[1], { name: 'password', value: '****', source: 'terraform output password' });
  assert.deepEqual(report.findings, [warning]);
  assert.equal(report.rounds.length, 1);
  const [round] = report.rounds;
  assert.equal(round?.release, 3);
  assert.deepEqual(round?.plan?.waves[0]?.objects[0]?.fields, [field('data.a', 'x', 'y')]);
  assert.equal(round?.timeline?.objects[0]?.object, web);
});

test('a release that failed and the way back are two rounds, each with its own time', () => {
  const events: readonly DeployEvent[] = [
    ...released(4),
    { type: 'release', number: 4, status: 'failed' },
    ...released(5),
    { type: 'release', number: 5, status: 'deployed' },
  ];
  const error = new DeployError('failed', 'No.', { why: 'Because.', fix: 'Mend it.', findings: [problem] });
  const report = heard(events).report({ command: 'up', error });
  const expected = { state: 'bad', word: 'failed', message: 'No.', why: 'Because.', fix: 'Mend it.' };
  assert.deepEqual(report.outcome, expected);
  assert.deepEqual(
    report.rounds.map(({ release }) => release),
    [4, 5],
  );
  const [first, second] = report.rounds.map(({ timeline }) => timeline);
  assert.ok((first?.ended ?? '') < (second?.started ?? ''), 'the first ends before the second begins');
  assert.deepEqual(report.findings, [problem, warning], 'errors first');
});

test('a run without a release has its plan; of an older plan that was made again, the newer one counts', () => {
  const before: DeployEvent = { type: 'plan', plan: planOf([]), isResult: false };
  const [after] = released(6);
  const declined = new DeployError('declined', 'Nothing was changed.');
  const report = heard(after === undefined ? [] : [before, after]).report({ command: 'up', error: declined });
  assert.equal(report.outcome.state, 'waiting');
  assert.equal(report.rounds[0]?.plan?.waves[0]?.objects.length, 1);
  assert.equal(report.rounds[0]?.timeline, undefined);
});

test('verify has its checks, and says where it looked', () => {
  const checks = [
    { id: 'pods/ready', summary: 'pods are ready', status: 'passed', detail: '9/9', findings: [] },
  ] as const;
  const place = { application: 'shop', cluster: 'prod', namespace: 'shop' };
  const report = heard([]).report({ command: 'verify', result: { ...result, checks, report: { place } } });
  assert.deepEqual(report.checks, checks);
  assert.equal(report.outcome.message, '1 passed');
  assert.deepEqual(report.target, [
    ['Cluster', 'prod'],
    ['Namespace', 'shop'],
  ]);
});

test('a release that was recorded, also by an older version, which had no timeline', () => {
  const release: Release = {
    ...{ number: 2, status: 'failed', action: 'up', startedAt: '2026-01-01T10:00:00.000Z', toolVersion: '1.0.0' },
    author: { user: 'kim', host: 'laptop' },
    changes: { created: 1, updated: 0, unchanged: 0, deleted: 0 },
    message: 'It failed.',
    ...{ application: 'shop', namespace: 'shop', target: { cluster: 'dev', server: 'https://dev' } },
    inputs: [{ name: 'password', secret: true, source: { kind: 'env', detail: 'OMS_INPUT_PASSWORD' } }],
    objects: [{ ref: web, body: { ...web, metadata: {} }, origin: { file: 'a.yaml', line: 1 }, secretPaths: [] }],
    ...{ left: [], overrides: [], images: [], findings: [problem] },
  };
  const report = heard([]).report({ command: 'history', result: { ...result, report: { release } } });
  assert.deepEqual(report.outcome, { state: 'bad', word: 'failed', message: 'It failed.' });
  assert.deepEqual(report.inputs, [{ name: 'password', value: '****', source: 'env OMS_INPUT_PASSWORD' }]);
  assert.equal(report.rounds[0]?.plan?.waves[0]?.objects[0]?.object, 'Deployment shop/web');
  assert.deepEqual(report.findings, [problem]);
  assert.equal(report.rounds[0]?.timeline, undefined);
});

test('the file is written at the end, whole, over an older one; nothing else is left', async (t) => {
  const folder = await makeFolder(t, { 'r.html': 'old' });
  const path = join(folder, 'r.html');
  const listener = reportListener({ path, file: 'r.html' }, '1.2.3', (text) => text.replaceAll('hunter22', '****'));
  for (const event of released(3)) listener.event(event);
  listener.event({ type: 'inputs', inputs: [input('note', 'hunter22')] });
  assert.equal(await readFile(path, 'utf8'), 'old');
  assert.deepEqual(await listener.end({ command: 'up', result }), []);
  const page = await readFile(path, 'utf8');
  assert.match(page, /^<!doctype html>[\s\S]*data\.a: x -&gt; y[\s\S]*<\/html>\n$/);
  assert.doesNotMatch(page, /hunter22/);
  assert.deepEqual(await readdir(folder), ['r.html']);
});

test('a report of a release stays where none could be read', async (t) => {
  const folder = await makeFolder(t, { 'r.html': 'release 1' });
  const path = join(folder, 'r.html');
  const listener = reportListener({ path, file: 'r.html' }, '1.2.3', (text) => text);
  const error = new DeployError('refused', 'There is no cluster to work on.');
  assert.deepEqual(await listener.end({ command: 'history', error }), ['The report r.html was not written.']);
  assert.equal(await readFile(path, 'utf8'), 'release 1');
});

test('what goes wrong at the end is told, and throws nothing', async (t) => {
  const folder = await makeFolder(t, {});
  const path = join(folder, 'gone', 'r.html');
  const [problemText = ''] = await reportListener({ path, file: 'r.html' }, '1.2.3', (text) => text).end({
    command: 'up',
    result,
  });
  assert.match(problemText, /^The report .*gone\/r\.html was not written: ENOENT/);
});
