import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';

/** None of them gets so far as to look for a cluster: that would be exit code 4. */
for (const args of [
  ['up', '--report', 'none/r.html'],
  ['rollback', '--report', 'none/r.html'],
  ['rollout', 'restart', 'web', '--report', 'none/r.html'],
  ['verify', '--report', 'r.txt'],
  ['history', '--report', 'r.html'],
  ['history', 'diff', '1', '--report', 'r.html'],
]) {
  test(`a report that can't be is refused before anything runs: ${args.join(' ')}`, async (t) => {
    const cwd = await makeFolder(t, {});
    const run = await runCli([...args, '--output', 'json', '--kubeconfig', 'none'], { cwd });
    assert.equal(run.code, 2, run.stdout + run.stderr);
    assert.equal(run.stdout.trimEnd().split('\n').length, 1);
    assert.match(JSON.stringify(resultOf(run).error), /report/);
    assert.deepEqual(await readdir(cwd), []);
  });
}

test('a run that fails leaves its report, too', async (t) => {
  const cwd = await makeFolder(t, {});
  const run = await runCli(['verify', '--report', 'r.html', '--kubeconfig', 'none'], { cwd });
  assert.notEqual(run.code, 0);
  assert.deepEqual(await readdir(cwd), ['r.html']);
});
