import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';

test('status of no sandbox: exit 0, and the command that starts it', async (t) => {
  const cwd = await makeFolder(t, {});
  const status = (...args: readonly string[]) => runCli(['sandbox', 'status', '--output', 'human', ...args], { cwd });
  const usual = await status();
  assert.deepEqual([usual.code, usual.stdout], [0, 'No sandbox is running.\n  next   oms-deploy sandbox start\n']);
  const { stdout } = await status('--state', 'my own');
  assert.equal(stdout, `No sandbox is running.\n  next   oms-deploy sandbox start --state '${join(cwd, 'my own')}'\n`);
  const json = await runCli(['sandbox', 'status', '--output', 'json'], { cwd });
  assert.deepEqual([json.code, resultOf(json).running], [0, false]);
});
