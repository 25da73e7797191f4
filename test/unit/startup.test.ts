import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeFolder, programPath, runCli } from '../support/cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The files of the bundle that a file of it imports at once, itself included, with their sizes. What is loaded on demand isn't among them. */
function loadedWith(entry: string): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const visit = (file: string): void => {
    if (sizes.has(file)) return;
    const text = readFileSync(join(root, 'dist', file), 'utf8');
    sizes.set(file, text.length);
    for (const [, imported = ''] of text.matchAll(/(?:^|[;}\n])import(?:[^"'();]*?from)?"\.\/([^"]+)"/g))
      visit(imported);
  };
  visit(entry);
  return sizes;
}

test('what starts with the program stays small: commands and libraries are loaded on demand', () => {
  const sizes = loadedWith('main.js');
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  assert.ok(sizes.size > 3, 'no imports found: does the pattern still match?');
  assert.ok(sizes.size <= 15, `${sizes.size} files`);
  assert.ok(bytes < 130_000, `${bytes} bytes`);
});

test('--help needs nothing but that', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oms-help-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const file of ['package.json', 'bin/oms-deploy.js']) cpSync(join(root, file), join(folder, file));
  for (const file of loadedWith('main.js').keys()) cpSync(join(root, 'dist', file), join(folder, 'dist', file));
  const run = (arg: string) =>
    spawnSync(process.execPath, [join(folder, 'bin', 'oms-deploy.js'), arg], { encoding: 'utf8' });
  const help = run('--help');
  assert.deepEqual([help.status, help.stderr], [0, '']);
  assert.match(help.stdout, /^Usage: oms-deploy/);
  // Each other command loads more: the copy isn't whole.
  assert.notEqual(run('status').status, 0);
});

test('without a build one sentence says how to make it', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'oms-unbuilt-'));
  t.after(() => rmSync(folder, { recursive: true }));
  cpSync(programPath, join(folder, 'bin', 'oms-deploy.mjs'));
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin', 'oms-deploy.mjs')], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.equal(stderr, 'oms-deploy is not built here.\n  do  Run npm ci && npm run build in its folder.\n');
});

test('what asks a cluster loads no deprecated part of Node', async (t) => {
  const kubeconfig = `
contexts: [{ name: shop, context: { cluster: shop, user: shop } }]
clusters: [{ name: shop, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: shop, user: { token: t } }]
current-context: shop
`;
  const cwd = await makeFolder(t, { kubeconfig });
  const env = { NODE_OPTIONS: '--pending-deprecation --throw-deprecation' };
  const { code, stderr } = await runCli(['verify', '--kubeconfig', 'kubeconfig'], { cwd, env });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /nothing listens there/);
});
