import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { builtInWord, loadConfig } from '../../src/config/load.ts';
import { settingsOf, settingsValue } from '../../src/config/settings.ts';
import { at } from '../../src/model/json.ts';
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
  assert.ok(sizes.size > 2, 'no imports found: does the pattern still match?');
  assert.ok(sizes.size <= 4, `${sizes.size} files`);
  assert.ok(bytes < 115_000, `${bytes} bytes`);
});

test('what a deploy loads is in two files more: what asks, plans and waits, and what reads a kubeconfig', () => {
  const files = readdirSync(join(root, 'dist'));
  const newest = (name: string): string =>
    files
      .filter((file) => file.startsWith(`${name}-`) && file.endsWith('.js'))
      .toSorted((a, b) => statSync(join(root, 'dist', b)).mtimeMs - statSync(join(root, 'dist', a)).mtimeMs)[0] ?? '';
  const start = loadedWith('main.js');
  const sizes = new Map([...loadedWith(newest('commands')), ...loadedWith(newest('connect'))]);
  const more = [...sizes].filter(([file]) => !start.has(file));
  const bytes = more.reduce((sum, [, size]) => sum + size, 0);
  assert.equal(more.length, 2, more.join(', '));
  assert.ok(bytes < 1_155_000, `${bytes} bytes`);
  // What only a configuration of the user's needs isn't among it.
  assert.doesNotMatch(readFileSync(join(root, 'dist', newest('commands')), 'utf8'), /ZodObject/);
});

test('the configuration that a build has checked is what its file says', async (t) => {
  const cwd = await makeFolder(t, {});
  const config = await loadConfig({ path: builtInWord, cwd });
  const settings = settingsOf(config, []);
  const { code, stdout } = await runCli(['config', '--config', builtInWord, '--output', 'json'], { cwd });
  assert.equal(code, 0);
  const shown: unknown = JSON.parse(stdout);
  assert.deepEqual(at(shown, 'config'), settingsValue(settings));
  const sources = settings.map(({ path, value, source, detail }) => ({ field: path.join('.'), value, source, detail }));
  assert.ok(sources.some(({ detail }) => /oms-deploy\.yaml:\d+:\d+$/.test(detail)));
  assert.deepEqual(at(shown, 'sources'), sources);
});

test('a SOCKS proxy is loaded where a kubeconfig names one', async (t) => {
  const kubeconfig = `
contexts: [{ name: shop, context: { cluster: shop, user: shop } }]
clusters: [{ name: shop, cluster: { server: 'https://192.0.2.1', proxy-url: 'socks5://127.0.0.1:1' } }]
users: [{ name: shop, user: { token: t } }]
current-context: shop
`;
  const cwd = await makeFolder(t, { kubeconfig });
  const { code, stderr } = await runCli(['verify', '--kubeconfig', 'kubeconfig', '-n', 'shop'], { cwd });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /127\.0\.0\.1:1/);
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

test('what asks a cluster loads no deprecated part of Node, and not its client of the web', async (t) => {
  const kubeconfig = `
contexts: [{ name: shop, context: { cluster: shop, user: shop } }]
clusters: [{ name: shop, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: shop, user: { token: t } }]
current-context: shop
`;
  const hook =
    "process.on('exit', () => require('node:fs').writeFileSync('loaded', process.moduleLoadList.join('\\n')));";
  const cwd = await makeFolder(t, { kubeconfig, 'hook.cjs': hook });
  const env = { NODE_OPTIONS: '--pending-deprecation --throw-deprecation --require ./hook.cjs' };
  const { code, stderr } = await runCli(['verify', '--kubeconfig', 'kubeconfig'], { cwd, env });
  assert.equal(code, 4, stderr);
  assert.match(stderr, /nothing listens there/);
  const loaded = readFileSync(join(cwd, 'loaded'), 'utf8').split('\n');
  assert.ok(loaded.includes('NativeModule http2'));
  // Node 22 and later load it for whoever imports node:http; see scripts/build/on-demand/http.ts.
  assert.deepEqual(
    loaded.filter((name) => name.endsWith('undici')),
    [],
  );
});
