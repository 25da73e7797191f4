import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { programPath } from '../../support/cli.ts';

/** Writes nothing anywhere: each write says that the disk is full. */
const full = '/dev/full';

test('output that finds a full disk is said, and is no success', {
  skip: existsSync(full) ? false : `there is no ${full} here`,
}, () => {
  const out = openSync(full, 'w');
  try {
    const run = (...args: readonly string[]): { readonly code: number | null; readonly said: string } => {
      const { status, stderr } = spawnSync(process.execPath, [programPath, ...args], {
        stdio: ['ignore', out, 'pipe'],
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: '/nonexistent' },
      });
      return { code: status, said: stderr };
    };
    const said = /The output can't be written, and is incomplete: ENOSPC/;
    for (const args of [['--help'], ['help', 'exit-codes'], ['config', 'schema'], ['lint', '--config', 'built-in']]) {
      const ended = run(...args);
      assert.equal(ended.code, 2, `${args.join(' ')}: ${ended.said}`);
      assert.match(ended.said, said);
      assert.equal(ended.said.match(/can't be written/g)?.length, 1);
    }
    // Its code says whether that was done.
    const stopped = run('sandbox', 'stop', '--state', '/nonexistent/sandbox');
    assert.equal(stopped.code, 0, stopped.said);
    assert.match(stopped.said, said);
  } finally {
    closeSync(out);
  }
});
