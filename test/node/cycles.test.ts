import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kill } from 'node:process';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, type Json, numberOf } from '../../src/model/json.ts';
import { isRunning, refOfProcess } from '../../src/sandbox/processes.ts';
import { tracesOf } from '../support/machine.ts';
import { whyNoNode } from '../support/node.ts';
import { connectSandbox, eventually, sandboxCommand } from '../support/sandbox.ts';
import { createPod, isReady, untilPod } from '../support/sandbox-pods.ts';

const skip = await whyNoNode();

/** Starts a node in this folder and a pod on it. */
async function startWithPod(dir: string): Promise<void> {
  const sandbox = await connectSandbox(await sandboxCommand('start', dir, ['--node', 'real']));
  await sandboxCommand('image', dir, ['web:1.0']);
  const path = await createPod(sandbox, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: {
      containers: [
        { name: 'web', image: 'example.com/web:1.0', volumeMounts: [{ name: 'memory', mountPath: '/memory' }] },
      ],
      volumes: [{ name: 'memory', emptyDir: { medium: 'Memory' } }],
    },
  });
  await untilPod(sandbox, path, isReady);
}

async function makeState(t: TestContext): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'oms-deploy-cycle-'));
  const dir = join(parent, 'state');
  t.after(async () => {
    await sandboxCommand('stop', dir);
    await rm(parent, { recursive: true, force: true });
  });
  return dir;
}

/** How many the test makes: ten have been, a few are enough to notice what stays. */
const cycles = Number(process.env['OMS_DEPLOY_TEST_CYCLES'] ?? 3);

test(`${cycles} starts and stops leave nothing behind`, { skip }, async (t) => {
  const dir = await makeState(t);
  const before = await tracesOf(dir);
  for (let cycle = 1; cycle <= cycles; cycle += 1) {
    await startWithPod(dir);
    await sandboxCommand('stop', dir);
    assert.deepEqual(await tracesOf(dir), before, `cycle ${cycle}`);
  }
});

/** The id of a process of the sandbox, by the name that its state has for it. */
async function pidOf(dir: string, name: string): Promise<number> {
  const state: Json = JSON.parse(await readFile(join(dir, 'state.json'), 'utf8'));
  const component = arrayOf(at(state, 'components')).find((one) => at(one, 'name') === name);
  return numberOf(at(name === 'supervisor' ? at(state, 'supervisor') : component, 'pid'), 0);
}

for (const name of ['supervisor', 'node']) {
  test(`a ${name} that is killed leaves nothing behind once the sandbox is stopped`, { skip }, async (t) => {
    const dir = await makeState(t);
    const before = await tracesOf(dir);
    await startWithPod(dir);
    const launcher = await refOfProcess(await pidOf(dir, 'node'));
    assert.ok(launcher !== undefined);
    kill(await pidOf(dir, name), 'SIGKILL');
    // The node itself ends without anybody's help.
    await eventually(
      async () => ((await isRunning(launcher)) ? undefined : true),
      () => 'the node lives on',
    );
    await sandboxCommand('stop', dir);
    assert.deepEqual(await tracesOf(dir), before);
  });
}
