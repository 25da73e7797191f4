import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { arrayOf, at, type Json, objectOf, textOf } from '../../src/model/json.ts';
import { makeFolder } from '../support/cli.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const action: Json = parse(readFileSync(join(root, 'action.yml'), 'utf8'));
const steps = arrayOf(at(action, 'runs', 'steps'));
const script = textOf(at(steps[0], 'run'));
const version = textOf(objectOf(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).version);

test('action.yml: what GitHub asks of a composite action', () => {
  assert.equal(at(action, 'runs', 'using'), 'composite');
  assert.deepEqual(Object.keys(objectOf(at(action, 'inputs'))), [
    ...['command', 'args', 'working-directory', 'version', 'package'],
  ]);
  for (const name of ['release', 'changed', 'url'])
    assert.equal(at(action, 'outputs', name, 'value'), `\${{ steps.${textOf(at(steps[0], 'id'))}.outputs.${name} }}`);
  for (const step of steps) assert.equal(at(step, 'shell'), 'bash');
  const everything = JSON.stringify(steps);
  for (const name of Object.keys(objectOf(at(action, 'inputs'))))
    assert.ok(everything.includes(`inputs.${name} }}`), name);
});

test('no expression is put into a script: inputs reach the shell by its environment alone', () => {
  for (const step of steps) assert.ok(!textOf(at(step, 'run')).includes('${{'));
});

/** Runs the real script with an npx that writes down what it was called with, an argument a line. */
async function runScript(
  t: TestContext,
  inputs: { command?: string; args?: string; version?: string; package?: string },
) {
  const npx = '#!/bin/sh\nfor arg in "$@"; do printf "<%s>\\n" "$arg"; done\n';
  const folder = await makeFolder(t, { 'bin/npx': npx });
  spawnSync('chmod', ['755', join(folder, 'bin/npx')]);
  const run = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
      OMS_ACTION_COMMAND: inputs.command ?? 'up',
      OMS_ACTION_ARGS: inputs.args ?? '',
      OMS_ACTION_VERSION: inputs.version ?? '',
      OMS_ACTION_PACKAGE: inputs.package ?? '',
      OMS_ACTION_PATH: root,
    },
  });
  return { folder, status: run.status, called: run.stdout.trimEnd().split('\n'), stderr: run.stderr };
}

test('the script runs the package at the version of the action, with one argument a line', async (t) => {
  const { called, status } = await runScript(t, { args: '--yes\r\n\n--set\nlevel=a b\n--tag\n1.4.2' });
  assert.equal(status, 0);
  assert.deepEqual(
    called,
    [
      ...['--yes', '--package', `oms-deploy@${version}`, '--', 'oms-deploy'],
      ...['up', '--yes', '--set', 'level=a b', '--tag', '1.4.2'],
    ].map((arg) => `<${arg}>`),
  );
  assert.deepEqual((await runScript(t, { command: 'plan', version: '1.2.3-rc.1' })).called, [
    ...['<--yes>', '<--package>', '<oms-deploy@1.2.3-rc.1>', '<-->', '<oms-deploy>', '<plan>'],
  ]);
});

test('what is run instead of the package of the public registry', async (t) => {
  for (const one of ['./tools/oms-deploy-0.1.0.tgz', '@acme/oms-deploy@1.2.3', '/opt/oms-deploy.tgz']) {
    const { called } = await runScript(t, { package: one });
    assert.deepEqual(called, ['<--yes>', '<--package>', `<${one}>`, '<-->', '<oms-deploy>', '<up>']);
  }
  for (const bad of ['--registry=x', '-g', 'a b', 'https://example.com/x.tgz', '$(touch pwned)'])
    assert.equal((await runScript(t, { package: bad })).status, 2, bad);
});

test('nothing in an input is run', async (t) => {
  const attack = '$(touch pwned)`touch pwned`"; touch pwned; \'; touch pwned #';
  const { called, folder } = await runScript(t, { command: attack, args: `${attack}\n* ? ~ $HOME` });
  assert.deepEqual(called.slice(5), [`<${attack}>`, `<${attack}>`, '<* ? ~ $HOME>']);
  for (const bad of [attack, '1.0.0 --registry=x', 'https://example.com/x.tgz', '-g', 'a\nb', '../x'])
    assert.deepEqual((await runScript(t, { version: bad })).status, 2, bad);
  assert.ok(!existsSync(join(folder, 'pwned')));
});
