import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultGoal } from '../../../src/deploy/rollback.ts';
import type { ReleaseStatus, ReleaseSummary } from '../../../src/model/release.ts';

const author = { user: 'kim', host: 'laptop' };

/** `up deployed`: the releases, the oldest first. */
function ledgerOf(releases: readonly string[], heldBy?: string): Parameters<typeof defaultGoal>[0] {
  const summaries = releases.map((text, index): ReleaseSummary => {
    const words = text.split(' ');
    const status = words.at(-1) as ReleaseStatus;
    const changes = { created: 0, updated: 0, unchanged: 0, deleted: 0 };
    const action = words.slice(0, -1).join(' ');
    return { number: index + 1, status, action, startedAt: '', author, toolVersion: '0.0.0', changes };
  });
  const holder = heldBy === undefined ? {} : { holder: { author, action: heldBy, since: '', phase: '' } };
  return { releases: summaries.toReversed(), lock: { isExpired: false, ...holder }, findings: [] };
}

const cases: readonly (readonly [number | undefined, readonly string[], string?])[] = [
  [undefined, []],
  [undefined, ['up deployed']],
  [1, ['up deployed', 'up deployed']],
  [1, ['up deployed', 'up failed', 'up interrupted']],
  [undefined, ['up failed', 'up deployed']],
  // A rollback that didn't end well is repeated, however often.
  [1, ['up deployed', 'up deployed', 'rollback to 1 deploying']],
  [1, ['up deployed', 'up deployed', 'rollback to 1 interrupted']],
  [1, ['up deployed', 'up deployed', 'rollback to 1 failed', 'rollback to 1 interrupted']],
  [2, ['up deployed', 'up deployed', 'rollback to 1 interrupted', 'up failed']],
  // One that did is over, and so is the next one's way back.
  [2, ['up deployed', 'up deployed', 'rollback to 1 deployed']],
  // Killed, or still at work, between the end of its record and that of its lock.
  [1, ['up deployed', 'up deployed', 'rollback to 1 deployed'], 'rollback to 1'],
  [2, ['up deployed', 'up deployed', 'rollback to 1 deployed'], 'up'],
];

for (const [goal, releases, heldBy] of cases) {
  test(`after ${releases.join(', ') || 'nothing'}${heldBy === undefined ? '' : `, locked by ${heldBy}`}: ${goal ?? 'none'}`, () => {
    assert.equal(defaultGoal(ledgerOf(releases, heldBy)), goal);
  });
}
