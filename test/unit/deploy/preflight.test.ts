import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { preflightOptions } from '../../../src/cli/preflight-options.ts';
import { withoutEchoes } from '../../../src/deploy/preflight/echoes.ts';
import { preflightIds } from '../../../src/deploy/preflight/preflight.ts';
import { DeployError } from '../../../src/errors.ts';
import { errorFinding, type Finding } from '../../../src/model/finding.ts';
import { formatPreflight } from '../../../src/model/plan.ts';
import { checks } from '../../../src/verify/checks/index.ts';

const forbidden = (verb: string, resource: string): Finding =>
  errorFinding(
    'cluster/forbidden',
    `ConfigMap shop/a: the cluster refused it: User "x" cannot ${verb} resource "${resource}" in API group "" in the namespace "shop"`,
    '',
  );
const denied = errorFinding('access/denied', 'You lack 1 right.', '', {
  evidence: ['patch configmaps in namespace shop'],
});
const quota = { apiVersion: 'v1', kind: 'ResourceQuota', namespace: 'shop', name: 'tight' };

test('what the preflight says better is not said twice, all else is', () => {
  const refusal = (text: string): Finding => errorFinding('cluster/quota', text, '');
  const full = errorFinding('quota/room', 'ResourceQuota shop/tight has no room.', '', { object: quota });
  const hook = errorFinding('webhooks/endpoints', 'x', '', { evidence: ['webhook a.b, failurePolicy Fail, is asked'] });
  const called = (name: string): Finding =>
    errorFinding('manifests/refused', `failed calling webhook "${name}": no`, '');
  const cases: readonly (readonly [Finding, Finding, isEcho: boolean])[] = [
    [forbidden('patch', 'configmaps'), denied, true],
    [forbidden('patch', 'secrets'), denied, false],
    [forbidden('create', 'configmaps'), denied, false],
    [forbidden('patch', 'configmaps'), { ...denied, severity: 'warning' }, false],
    [refusal('exceeded quota: tight, requested: pods=1'), full, true],
    [refusal('exceeded quota: tighter, requested: pods=1'), full, false],
    [refusal('exceeded quota: tight, requested: pods=1'), { ...full, severity: 'warning' }, false],
    [called('a.b'), hook, true],
    [called('a.c'), hook, false],
  ];
  for (const [finding, said, isEcho] of cases) {
    assert.deepEqual(withoutEchoes([finding], [said]), isEcho ? [] : [finding], finding.cause);
  }
});

test('--skip-preflight: nothing, all, some, and a typo', () => {
  const skip = (skipPreflight?: string | boolean): readonly string[] =>
    preflightOptions({ skipPreflight }).preflight.skip;
  assert.deepEqual(skip(), []);
  assert.deepEqual(skip(true), preflightIds);
  assert.deepEqual(skip('all'), preflightIds);
  assert.deepEqual(skip('quota/room, access/rights'), ['access/rights', 'quota/room']);
  assert.throws(
    () => skip('quota/rom'),
    (error) => error instanceof DeployError && error.code === 'usage' && error.fix === 'Did you mean quota/room?',
  );
});

test('the words of a summary', () => {
  const cases = [
    [{ checks: 7, warnings: 0, skipped: [] }, 'preflight ok (7 checks)'],
    [{ checks: 1, warnings: 2, skipped: ['a/b'] }, 'preflight ok (1 check, 2 warnings, 1 skipped)'],
    [{ checks: 0, warnings: 0, skipped: ['a/b'] }, 'preflight skipped'],
  ] as const;
  for (const [summary, text] of cases) assert.equal(formatPreflight(summary), text);
});

test('the README has each check of the preflight, and each action of the IAM policy', () => {
  const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
  const readme = read('README.md');
  const [, section = ''] = readme.split('### The preflight\n');
  const [own = ''] = section.split('\n### ');
  const listed = [...own.matchAll(/^\| `([a-z]+\/[a-z-]+)` \|/gm)].map(([, id = '']) => id);
  const ids = checks.filter(({ commands }) => commands.includes('preflight')).map(({ id }) => id);
  assert.deepEqual(new Set(listed), new Set(ids));
  const policy = read('templates/access/iam-policy.json');
  const action = /"([a-z]+:[A-Z]\w+)"/g;
  const inPolicy = [...policy.matchAll(action)].map(([, name = '']) => name);
  const inReadme = [...readme.matchAll(/^\| (`[a-z]+:[A-Z].*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+:\w+)`/g)].map(([, name = '']) => name),
  );
  assert.deepEqual(inReadme.toSorted(), inPolicy.toSorted());
});
