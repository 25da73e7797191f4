import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isRunning, refOfProcess } from '../../../src/sandbox/processes.ts';
import { startSandbox } from '../../../src/sandbox/start.ts';
import { type SandboxState, stateFiles, writeState } from '../../../src/sandbox/state.ts';
import { stopSandbox } from '../../../src/sandbox/stop.ts';
import { recordingContext } from './context.ts';

async function tempDir(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'oms-deploy-stop-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

function stateWith(change: Partial<SandboxState>): SandboxState {
  const base = { status: 'ready' as const, components: [], startedAt: '2026-01-01T00:00:00Z', version: '', server: '' };
  return { ...base, control: '', node: 'kwok', ports: {}, supervisor: { pid: 2 ** 22 + 1, startTime: '1' }, ...change };
}

test('stop refuses a folder that is not a sandbox and leaves it as it is', async (t) => {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'thesis.txt'), 'the only copy');
  await assert.rejects(stopSandbox(dir), { code: 'usage', message: `${dir} is not the folder of a sandbox.` });
  assert.deepEqual(await readdir(dir), ['thesis.txt']);
});

test('start refuses it too', async (t) => {
  const dir = await tempDir(t);
  await writeFile(join(dir, 'thesis.txt'), 'the only copy');
  const bin = await tempDir(t);
  for (const name of ['server', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok']) {
    await writeFile(join(bin, name), '', { mode: 0o755 });
  }
  const { context } = recordingContext({ OMS_DEPLOY_SANDBOX_BIN: bin }, dir);
  await assert.rejects(startSandbox({ dir }, context), { code: 'usage' });
  assert.deepEqual(await readdir(dir), ['thesis.txt']);
});

test('stop without a sandbox says so: no folder, an empty folder', async (t) => {
  const dir = await tempDir(t);
  assert.equal(await stopSandbox(dir), false);
  assert.equal(await stopSandbox(join(dir, 'nowhere')), false);
});

test('stop ends a recorded orphan and spares a process that has taken over its id', async (t) => {
  const dir = await tempDir(t);
  await writeFile(stateFiles(dir).marker, '');
  const [orphan, stranger] = [spawn('sleep', ['60']), spawn('sleep', ['60'])];
  t.after(() => stranger.kill('SIGKILL'));
  const [orphanRef, strangerRef] = await Promise.all([refOfProcess(orphan.pid ?? 0), refOfProcess(stranger.pid ?? 0)]);
  assert.ok(orphanRef !== undefined && strangerRef !== undefined);
  const components = [
    { name: 'etcd', ...orphanRef },
    { name: 'kwok', pid: strangerRef.pid, startTime: '1' },
  ];
  writeState(dir, stateWith({ components }));
  assert.equal(await stopSandbox(dir), true);
  assert.equal(await isRunning(orphanRef), false);
  assert.equal(await isRunning(strangerRef), true);
  assert.equal(existsSync(dir), false);
});

test('a damaged state file is an error of usage, and nothing is deleted', async (t) => {
  const dir = await tempDir(t);
  await writeFile(stateFiles(dir).marker, '');
  await writeFile(stateFiles(dir).state, '{"status":');
  await assert.rejects(stopSandbox(dir), { code: 'usage' });
  assert.equal(existsSync(stateFiles(dir).state), true);
});
