import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commands } from '../../src/cli/commands/index.ts';
import { globalOptions } from '../../src/cli/options.ts';
import { exitCodes } from '../../src/errors.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The first cells of the table rows that hold code. */
const cells = [...readme.matchAll(/^\| (`[^|]*`) \|/gm)].map(([, cell = '']) => cell);

test('the README lists every command and every flag, and no others', () => {
  const longFlag = (flags: string): string => /--[a-z-]+/.exec(flags)?.[0] ?? flags;
  const flags = [...commands.flatMap(({ options }) => options), ...globalOptions].map((spec) => longFlag(spec.flags));
  const listed = cells.flatMap((cell) => [...cell.matchAll(/--[a-z-]+/g)].map(([flag]) => flag));
  assert.deepEqual([...new Set(listed)].sort(), [...new Set(flags)].sort());
  for (const { name } of commands) assert.ok(cells.includes(`\`${name}\``), `the command ${name} is missing`);
});

test('the README lists every exit code', () => {
  const listed = [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  assert.deepEqual(
    listed.sort((a, b) => a - b),
    Object.values(exitCodes).sort((a, b) => a - b),
  );
});
