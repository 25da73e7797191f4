import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReleaseStatus, ReleaseSummary } from '../../../src/model/release.ts';
import { formatHistory } from '../../../src/ui/history.ts';
import { createStyle } from '../../../src/ui/style.ts';

const plain = createStyle(false, false);

/** `up deployed`: the releases, the oldest first. */
function nextAfter(...releases: readonly string[]): string | undefined {
  const summaries = releases.map((text, index): ReleaseSummary => {
    const words = text.split(' ');
    const changes = { created: 0, updated: 0, unchanged: 0, deleted: 0 };
    return {
      number: index + 1,
      status: words.at(-1) as ReleaseStatus,
      action: words.slice(0, -1).join(' '),
      startedAt: '2026-03-01T10:00:00Z',
      author: { user: 'kim', host: 'laptop' },
      toolVersion: '0.0.0',
      changes,
    };
  });
  const history = { application: 'shop', namespace: 'shop', cluster: 'prod', releases: summaries.toReversed() };
  return /oms-deploy rollback \d+/.exec(formatHistory(history, plain))?.[0];
}

const cases: readonly (readonly [string | undefined, readonly string[]])[] = [
  [undefined, ['up deployed']],
  ['oms-deploy rollback 1', ['up deployed', 'up failed']],
  ['oms-deploy rollback 2', ['up deployed', 'up deployed', 'rollout set-image web web:2 deployed']],
  // What was left is not what one wants to go to, and what one has is there.
  [undefined, ['up deployed', 'up deployed', 'rollback to 1 deployed']],
  [undefined, ['up deployed', 'up failed', 'rollback to 1 deployed']],
  [undefined, ['up deployed', 'up deployed', 'rollout undo web deployed']],
  // A way back that did not end well is not over.
  ['oms-deploy rollback 1', ['up deployed', 'up deployed', 'rollback to 1 failed']],
  ['oms-deploy rollback 3', ['up deployed', 'up deployed', 'rollback to 1 deployed', 'up deployed']],
];

test('a long WHAT is at the end, and the mark behind a commit is explained where there is one', () => {
  const release = (dirty: boolean): ReleaseSummary => ({
    number: 1,
    status: 'deployed',
    action: `rollout set-image web web=${'registry.example.com/'.repeat(6)}web:2`,
    startedAt: '2026-03-01T10:00:00Z',
    author: { user: 'kim', host: 'laptop' },
    toolVersion: '0.0.0',
    changes: { created: 0, updated: 1, unchanged: 0, deleted: 0 },
    commit: { hash: '4a35434c0123456789', dirty },
  });
  const text = (dirty: boolean): string =>
    formatHistory({ application: 'shop', namespace: 'shop', cluster: 'prod', releases: [release(dirty)] }, plain);
  assert.match(text(false), / 1 changed {2}4a35434c {2}rollout set-image web web=[^ ]+$/m);
  assert.match(
    text(true),
    / 4a35434c\+ {2}rollout[^]*\n {2}\+ behind a commit: with changes that were not committed\n/,
  );
  assert.doesNotMatch(text(false), /behind a commit/);
});

for (const [next, releases] of cases) {
  test(`history after ${releases.join(', ')}: ${next ?? 'no rollback'} is next`, () => {
    assert.equal(nextAfter(...releases), next);
  });
}
