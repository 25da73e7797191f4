import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatVerified, outcomesOf, verifiedData } from '../../../src/ui/checks.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { type Check, type CheckResult, problemOf } from '../../../src/verify/check.ts';

const ref = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' };
const problem = problemOf('a/b', ref, 'reaches no pod', 'Correct it.');

const root = { ...problem, evidence: ['one more proof'], fix: 'Run oms-deploy up again.' };

const results: Readonly<Record<string, CheckResult>> = {
  fine: { passed: 'all is well', findings: [] },
  idle: { passed: '', findings: [] },
  unread: { passed: '', findings: [], skipped: '403' },
  warned: { passed: 'not said', findings: [{ ...problem, severity: 'warning' }] },
  failed: { passed: 'not said', findings: [problem] },
};

const checked = Object.entries(results).map(([id, result]) => {
  const check: Check = { id, summary: `look at ${id}`, commands: ['verify'], needs: [], run: () => result };
  return { check, result };
});
const verified = {
  application: 'shop',
  cluster: 'prod',
  namespace: 'shop',
  checked,
  causes: [{ finding: root, from: [problem] }],
  elapsedMs: 1200.4,
};

test('a check with nothing to look at is skipped: it counts as none, and no line is made of it', () => {
  assert.deepEqual(verifiedData(verified).checks, [
    { id: 'fine', status: 'passed', detail: 'all is well' },
    { id: 'idle', status: 'skipped', detail: 'there is nothing to look at' },
    { id: 'unread', status: 'skipped', detail: '403' },
    { id: 'warned', status: 'warned', detail: '' },
    { id: 'failed', status: 'failed', detail: '' },
  ]);
  const lines = formatVerified(verified, 'verify', createStyle(false, false)).split('\n');
  assert.equal(lines[0], 'shop on prod - namespace shop   3 checks in 1.2s');
  assert.deepEqual(lines.slice(2, 4), ['  ok all is well', '  - not checked: look at unread: 403']);
});

test('what a check found is told as its root cause, in the words of the screen', () => {
  const { findings } = outcomesOf(verified).find(({ id }) => id === 'failed') ?? {};
  assert.deepEqual(findings, [root]);
});
