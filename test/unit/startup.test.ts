import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('without a build one sentence says how to make it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oms-unbuilt-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(programPath, join(folder, 'bin', 'oms-deploy.mjs'));
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin', 'oms-deploy.mjs')], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.equal(stderr, 'oms-deploy is not built here.\n  do  Run npm ci && npm run build in its folder.\n');
});
