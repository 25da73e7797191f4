import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeFolder } from '../support/cli.ts';
import { makeOms } from '../support/oms.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

test('the first deploy of the README can be typed in a checkout as it stands', async (t) => {
  const [, block = ''] = /### The first deploy\n[^`]*```\n(.*?)```/s.exec(readme) ?? [];
  const lines = block.trimEnd().split('\n');
  // The bundle and the sandbox are there already.
  const isDone = (line: string): boolean => /^(npm |oms-deploy sandbox )/.test(line);
  assert.equal(lines.filter(isDone).length, 3, block);
  const { sandbox, namespace } = await makeOms(t);
  const checkout = await makeFolder(t, {});
  for (const name of ['bin', 'test']) symlinkSync(join(root, name), join(checkout, name));
  const place = { OMS_DEPLOY_STATE: sandbox.state, OMS_DEPLOY_NAMESPACE: namespace };
  const env = { PATH: process.env['PATH'], HOME: checkout, ...place, OMS_DEPLOY_YES: '1' };
  const input = lines.filter((line) => !isDone(line)).join('\n');
  const run = spawnSync('bash', ['-O', 'expand_aliases', '-e', '-s'], { cwd: checkout, env, input, encoding: 'utf8' });
  assert.equal(run.status, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /^Done in .*: 18 created, 0 changed, 0 unchanged\. Every workload is ready\.$/m);
});

test('the rehearsal that the README calls quick fails within seconds', async (t) => {
  const [, tag = ''] =
    /`--tag ([a-z-]+)` on such an `up` is a quick rehearsal: it fails within seconds\./.exec(readme) ?? [];
  const oms = await makeOms(t);
  const startedMs = performance.now();
  const run = await oms.up('--output', 'json', '--tag', tag, '--timeout', '1m');
  // With 6 it would have waited until its time was up.
  assert.equal(run.code, 5, run.stdout);
  const elapsedMs = performance.now() - startedMs;
  assert.ok(elapsedMs < 30_000, `${elapsedMs} ms`);
});
