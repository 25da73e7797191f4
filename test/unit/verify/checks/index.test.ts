import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { matchesSelector } from '../../../../src/model/selector.ts';
import { runChecks } from '../../../../src/verify/check.ts';
import { checks } from '../../../../src/verify/checks/index.ts';
import { container, healthy } from './application.ts';
import { type Changes, factsWith } from './facts.ts';

const folder = new URL('../../../../src/verify/checks/', import.meta.url);

test('every check of the folder is in the list, under an id of its own', () => {
  const written = readdirSync(folder).flatMap((file) =>
    [
      ...readFileSync(new URL(file, folder), 'utf8').matchAll(
        /^export const \w+Check: Check = \{\n {2}id: '([^']+)'/gm,
      ),
    ].map(([, id]) => id),
  );
  assert.ok(written.length >= 32, `only ${written.length} checks found: does the pattern still match?`);
  const listed = checks.map(({ id }) => id);
  assert.equal(new Set(listed).size, listed.length);
  assert.deepEqual(new Set(listed), new Set(written));
  for (const { id, summary } of checks) {
    assert.match(id, /^[a-z]+\/[a-z-]+$/);
    assert.doesNotMatch(summary, /\.$/);
  }
});

test('nothing is deployed: no check of doctor falls over, and a kind that may not be read is said', () => {
  const nothing: Changes = Object.fromEntries(Object.keys(healthy).map((key) => [key, null]));
  const empty = factsWith(nothing);
  assert.deepEqual(
    runChecks(checks, 'doctor', empty).flatMap(({ result }) => result.findings),
    [],
  );
  const kinds = new Set(checks.flatMap(({ needs }) => needs));
  const blind = factsWith({}, { unread: Object.fromEntries([...kinds].map((kind) => [kind, `may not list ${kind}`])) });
  for (const { check, result } of runChecks(checks, 'doctor', blind)) {
    if (check.needs.length > 0) assert.match(result.skipped ?? '', /^may not list /, check.id);
  }
});

test('while only old pods serve nobody is asked: that is said, and is not the same as nothing to look at', () => {
  const probe = { readinessProbe: { httpGet: { path: '/ready', port: 'http' } } };
  const deployment = { spec: { template: { spec: { containers: [{ ...container, ...probe }] } } } };
  const unready = { status: { conditions: [{ type: 'Ready', status: 'False' }] } };
  const socket = { metadata: { annotations: { 'oms-deploy.io/websocket': '/ws' } } };
  const down: Changes = {
    'Deployment web': deployment,
    'Service web': socket,
    'Pod web-a': unready,
    'Pod web-b': unready,
  };
  const said = (changes: Changes): readonly unknown[] =>
    runChecks(checks, 'verify', factsWith(changes))
      .filter(({ check }) => ['http/probes', 'http/websocket', 'service/reach', 'logs/errors'].includes(check.id))
      .map(({ result }) => result.skipped);
  const [why, silent] = [
    'no pod of the newest revision is ready',
    'no container of the newest revision has a log that can be read',
  ];
  assert.deepEqual(said(down), [why, why, why, silent]);
  assert.deepEqual(said({ ...down, 'Deployment web': {}, 'Service web': {} }), [undefined, undefined, why, silent]);
  assert.deepEqual(said({ ...down, 'Deployment web': null }), [undefined, undefined, undefined, undefined]);
});

const expression = (key: string, operator: string, values: readonly string[] = []): object => ({
  matchExpressions: [{ key, operator, values }],
});
const selectors: readonly (readonly [object | undefined, boolean])[] = [
  [undefined, true],
  [{}, true],
  [{ matchLabels: { app: 'web' } }, true],
  [{ matchLabels: { app: 'web', tier: 'api' } }, false],
  [expression('app', 'In', ['api', 'web']), true],
  [expression('app', 'In', ['api']), false],
  [expression('tier', 'In', ['api']), false],
  [expression('app', 'NotIn', ['api']), true],
  [expression('app', 'NotIn', ['web']), false],
  [expression('tier', 'NotIn', ['web']), true],
  [expression('app', 'Exists'), true],
  [expression('tier', 'Exists'), false],
  [expression('app', 'DoesNotExist'), false],
  [expression('tier', 'DoesNotExist'), true],
  [{ matchLabels: { app: 'web' }, ...expression('app', 'DoesNotExist') }, false],
];

for (const [selector, matches] of selectors) {
  test(`the selector ${JSON.stringify(selector)} ${matches ? 'matches' : 'does not match'} app=web`, () => {
    assert.equal(matchesSelector(selector, { app: 'web' }), matches);
  });
}
