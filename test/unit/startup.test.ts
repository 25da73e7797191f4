import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { programPath } from '../support/cli.ts';

const rounds = 9;

function timeMs(args: readonly string[]): number {
  const started = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, [...args], { stdio: 'ignore' });
  assert.equal(status, 0);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

test('--help starts within twice the time of an empty Node program, side by side in one run', () => {
  const help = [programPath, '--help'];
  timeMs(help);
  // Interleaved, so that other work on the machine hits both alike.
  const pairs = Array.from({ length: rounds }, () => ({ bare: timeMs(['-e', '0']), help: timeMs(help) }));
  const ratio = median(pairs.map((pair) => pair.help)) / median(pairs.map(({ bare }) => bare));
  assert.ok(ratio < 2, `--help takes ${ratio.toFixed(2)} times as long as node -e 0`);
});

test('the entry stays small: commands and libraries are loaded on demand', () => {
  const { size } = statSync(fileURLToPath(new URL('../../dist/main.js', import.meta.url)));
  assert.ok(size < 120_000, `dist/main.js has ${size} bytes`);
});
