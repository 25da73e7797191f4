import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApp } from '../support/app.ts';
import { runCli } from '../support/cli.ts';
import { getSandbox } from '../support/sandbox.ts';

test('workloads and releases are completed with what is in the cluster, and it is only read', async (t) => {
  const app = await makeApp(t);
  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout + up.stderr);
  const { kubeconfig } = await getSandbox();
  const flags = ['--kubeconfig', kubeconfig, '-n', app.namespace];
  const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
    const { code, stdout, stderr } = await runCli(['__complete', 'zsh', ...words], { cwd: app.folder });
    assert.deepEqual([code, stderr], [0, '']);
    return stdout.trimEnd().split('\n').slice(1);
  };
  const before = await app.writes();
  assert.deepEqual(await complete('logs', ...flags, ''), ['other\tDeployment', 'reader\tDeployment']);
  assert.deepEqual(await complete('rollout', 'undo', ...flags, ''), ['other\tDeployment', 'reader\tDeployment']);
  for (const words of [['rollback'], ['history', 'show'], ['history', 'diff', '1']]) {
    const [release = '', ...others] = await complete(...words, ...flags, '');
    assert.match(release, /^1\tdeployed \d+ \w+ ago, up$/);
    assert.deepEqual(others, []);
  }
  assert.deepEqual(await app.writes(), before);
});
