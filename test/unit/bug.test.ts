import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder, resultOf, runCli } from '../support/cli.ts';

/** Node's own homedir() breaks, of which no code of ours knows. */
const breakage = `
import os from 'node:os';
import { syncBuiltinESMExports } from 'node:module';
os.homedir = () => { throw new TypeError('no home today'); };
syncBuiltinESMExports();
`;
const broken = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(breakage)}` };

test('a bug ends with exit code 1, in words, without a stack', async () => {
  const { code, stdout, stderr } = await runCli(['verify'], { env: broken });
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /oms-deploy ran into a bug of its own: no home today\n/);
  assert.match(stderr, /OMS_DEPLOY_DEBUG=1/);
  assert.doesNotMatch(stderr, /TypeError/);
});

test('who wants the stack gets it', async () => {
  const { code, stderr } = await runCli(['verify'], { env: { ...broken, OMS_DEPLOY_DEBUG: '1' } });
  assert.equal(code, 1);
  assert.match(stderr, /TypeError: no home today\n {4}at /);
});

test('JSON ends with its result also then, and the files of a run are written', async (t) => {
  const cwd = await makeFolder(t, {});
  const files = ['--junit', 'v.xml', '--report', 'v.html'];
  const run = await runCli(['verify', '--output', 'json', ...files], { cwd, env: broken });
  assert.equal(run.code, 1);
  const { exitCode, error } = resultOf(run);
  assert.equal(exitCode, 1);
  assert.match(JSON.stringify(error), /"code":"bug".*no home today/);
  for (const file of ['v.xml', 'v.html']) assert.match(await readFile(join(cwd, file), 'utf8'), /no home today/);
});
