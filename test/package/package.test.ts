import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleProgram, bundleSingleFile } from '../../scripts/build/bundle.ts';
import { arrayOf, at, isObject, objectOf, textOf } from '../../src/model/json.ts';
import { installed } from '../support/package.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const machine = installed();
after(() => machine.remove());
const home = join(machine.folder, 'node_modules', 'oms-deploy');

function read(...path: readonly string[]): string {
  return readFileSync(join(home, ...path), 'utf8');
}

test('the package is small', (t) => {
  const { size, unpackedSize, entryCount } = machine.packed;
  t.diagnostic(`packed ${String(size)} bytes, unpacked ${String(unpackedSize)} bytes, ${String(entryCount)} files`);
  assert.ok(Number(size) < 1_100_000, `packed: ${String(size)} bytes`);
  assert.ok(Number(unpackedSize) < 4_300_000, `unpacked: ${String(unpackedSize)} bytes`);
  assert.ok(Number(entryCount) < 350, `${String(entryCount)} files`);
});

test('it holds what is needed to run and to read, and nothing of an older build or of the workshop', async () => {
  const files = arrayOf(machine.packed.files).map((file) => textOf(at(file, 'path')));
  for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md', 'dist/THIRD-PARTY-LICENSES', 'templates/oms-deploy.yaml'])
    assert.ok(files.includes(name), `${name} is missing`);
  const strange = files.filter((name) => !/^(bin|dist|templates)\/|^(package\.json|[A-Z]+(\.md)?)$/.test(name));
  assert.deepEqual(strange, []);
  const code = files.filter((name) => /\.m?js$/.test(name) && name.startsWith('dist/'));
  const { files: built } = await bundleProgram();
  assert.deepEqual(code.sort(), built.map(([name]) => `dist/${name}`).sort());
});

test('installing it fetches nothing else and runs nothing', () => {
  const modules = readdirSync(join(machine.folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  assert.deepEqual(modules, ['oms-deploy']);
  const { scripts, dependencies, optionalDependencies, peerDependencies } = objectOf(JSON.parse(read('package.json')));
  assert.deepEqual([dependencies, optionalDependencies, peerDependencies], [undefined, undefined, undefined]);
  const names = Object.keys(objectOf(scripts));
  assert.deepEqual(
    names.filter((name) => /^(pre|post)?(install|prepare|uninstall)$/.test(name)),
    [],
  );
});

test('the licence of each bundled package is in it', async () => {
  const said = read('dist', 'THIRD-PARTY-LICENSES');
  const bundles = await Promise.all([bundleProgram(), bundleSingleFile()]);
  const folders = new Set(bundles.flatMap(({ packages }) => packages));
  assert.ok(folders.size > 30, `only ${folders.size} packages`);
  for (const folder of folders) {
    const { name, version, license } = objectOf(JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')));
    const title = `${textOf(name)} ${textOf(version)} (${textOf(license)})`;
    assert.ok(said.includes(`\n${title}\n`), `${title} is missing`);
  }
});

/** Compiles a program of a user of the package; what the compiler says. */
function compile(name: string, text: string): string {
  writeFileSync(join(machine.folder, name), text);
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const args = [tsc, '--noEmit', '--strict', '--module', 'nodenext', '--ignoreConfig', name];
  return spawnSync(process.execPath, args, { cwd: machine.folder, encoding: 'utf8' }).stdout;
}

test('programs get the types of the configuration', () => {
  const good = `import type { Config } from 'oms-deploy/config';
export const config: Config = {
  application: 'shop',
  inputs: { replicas: { default: 1 }, key: { sources: [{ ssm: { name: '/prod/key' } }, { prompt: 'Key' }] } },
  environments: { prod: { namespace: 'shop', expect: { account: '123456789012' }, terraform: null } },
};
`;
  assert.equal(compile('good.mts', good), '');
  assert.match(compile('name.mts', good.replace('application:', 'aplication:')), /'aplication' does not exist/);
  assert.match(compile('source.mts', good.replace('ssm:', 'smm:')), /'smm' does not exist/);
});

test('programs and editors get the JSON Schemas', () => {
  const script = `for (const name of ['config.schema.json', 'events.schema.json', 'package.json'])
    if (typeof require('oms-deploy/' + name) !== 'object') throw new Error(name);`;
  assert.deepEqual(machine.run('node', ['-e', script]), { status: 0, stdout: '', stderr: '' });
  const schema: unknown = JSON.parse(read('dist', 'config.schema.json'));
  assert.ok(isObject(objectOf(schema).properties));
});

for (const [what, program] of [
  ['the installed package', 'node_modules/.bin/oms-deploy'],
  ['the single file', 'oms-deploy.mjs'],
] as const) {
  test(`${what} prints its help and renders a folder with only Node on the PATH`, () => {
    const help = machine.run(program, ['--help']);
    assert.deepEqual([help.status, help.stderr], [0, '']);
    assert.match(help.stdout, /^Usage: oms-deploy/);
    const file = join(machine.folder, 'k8s', 'settings.yaml');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\ndata: {x: "${x}"}\n');
    const rendered = machine.run(program, ['render', '-f', 'k8s', '--set', 'x=42']);
    assert.equal(rendered.status, 0, rendered.stderr);
    assert.match(rendered.stdout, /x: "42"/);
    assert.equal(machine.run(program, ['lint', '--strict', '-f', 'k8s']).status, 3, 'unused ConfigMap');
    // The built-in application comes along.
    const lint = machine.run(program, ['lint', '--config', 'built-in']);
    assert.equal(lint.status, 0, lint.stderr);
    assert.match(machine.run(program, ['--version']).stdout, /^\d+\.\d+\.\d+/);
  });
}

test('npx finds the installed program', () => {
  const { status, stdout, stderr } = machine.npm('exec', '--', 'oms-deploy', '--version');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^\d+\.\d+\.\d+/);
});

test('the single file says what it lacks, and leaves nothing behind', () => {
  const started = machine.run('oms-deploy.mjs', ['sandbox', 'start']);
  assert.equal(started.status, 2);
  assert.match(started.stderr, /The single-file build of oms-deploy has no sandbox/);
  const folder = join(machine.folder, 'tmp');
  mkdirSync(folder);
  const lint = machine.run('oms-deploy.mjs', ['lint', '--config', 'built-in'], { TMPDIR: folder });
  assert.equal(lint.status, 0, lint.stderr);
  // Places stay the same in the next run, whose folder is another one.
  assert.match(lint.stdout, /^templates\//m);
  assert.deepEqual(readdirSync(folder), []);
  const nowhere = machine.run('oms-deploy.mjs', ['lint', '--config', 'built-in'], { TMPDIR: join(folder, 'none') });
  assert.equal(nowhere.status, 2);
  assert.match(nowhere.stderr, /can't be unpacked into .*none \(ENOENT\)/);
});
