import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at, type Json, numberOf } from '../../src/model/json.ts';
import { eventually, getSandbox, sandboxCommand, startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';
import { conditionOf, container, createPod, isReady, pod, text, untilPod } from '../support/sandbox-pods.ts';

/** The process id of a component, as the sandbox records it. */
async function pidOf(sandbox: TestSandbox, name: string): Promise<number> {
  const state: Json = JSON.parse(await readFile(join(sandbox.state, 'state.json'), 'utf8'));
  return numberOf(
    at(
      arrayOf(at(state, 'components')).find((one) => at(one, 'name') === name),
      'pid',
    ),
    0,
  );
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function timeOf(value: unknown, ...path: readonly string[]): number {
  return Date.parse(text(at(value, ...path)));
}

/** Waits until the component's process has ended. */
function untilDown(sandbox: TestSandbox, name: string): Promise<true> {
  return eventually(
    async () => (isAlive(await pidOf(sandbox, name)) ? undefined : true),
    () => `${name} was not stopped`,
  );
}

test('the API server goes away, comes back with all objects, and the cluster works on', async (t) => {
  const sandbox = await startOwnSandbox(t);
  const namespace = await sandbox.createNamespace('restart', t);
  const first = await createPod(sandbox, namespace, pod('1.0'));
  await untilPod(sandbox, first, isReady);
  const pid = await pidOf(sandbox, 'kube-apiserver');
  const restarted = sandbox.restart('kube-apiserver', 1_000);
  await eventually(
    () =>
      sandbox.request('GET', '/readyz').then(
        () => undefined,
        () => true,
      ),
    () => 'the API server answered all the time',
  );
  assert.equal((await sandboxCommand('status', sandbox.state))['running'], true);
  await restarted;
  assert.equal((await sandbox.request('GET', '/readyz')).status, 200);
  assert.ok(isReady((await sandbox.request('GET', first)).body));
  const now = await pidOf(sandbox, 'kube-apiserver');
  assert.ok(now !== pid && isAlive(now) && !isAlive(pid), `${pid}, then ${now}`);
  // Scheduler and kwok have found back.
  await untilPod(sandbox, await createPod(sandbox, namespace, pod('2.0')), isReady);
  assert.equal((await sandboxCommand('status', sandbox.state))['status'], 'ready');
});

test('controllers and scheduler: what they would do waits while they are down', async (t) => {
  const sandbox = await startOwnSandbox(t);
  const namespace = await sandbox.createNamespace('restart', t);
  await untilPod(sandbox, await createPod(sandbox, namespace, pod('1.0')), isReady);

  const scheduler = sandbox.restart('kube-scheduler', 2_000);
  await untilDown(sandbox, 'kube-scheduler');
  const waiting = await createPod(sandbox, namespace, pod('2.0'));
  await scheduler;
  const scheduled = await untilPod(sandbox, waiting, isReady);
  const condition = arrayOf(at(scheduled, 'status', 'conditions')).find((one) => at(one, 'type') === 'PodScheduled');
  const waitedMs = timeOf(condition, 'lastTransitionTime') - timeOf(scheduled, 'metadata', 'creationTimestamp');
  assert.ok(waitedMs >= 1_000, `it was scheduled after ${waitedMs} ms`);

  const controllers = sandbox.restart('kube-controller-manager', 2_000);
  await untilDown(sandbox, 'kube-controller-manager');
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [container('1.0')] } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
  await sandbox.request('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, body);
  await controllers;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  const live = await untilPod(sandbox, path, (live) => conditionOf(live, 'Available') === 'True');
  const begun = arrayOf(at(live, 'status', 'conditions')).find((one) => at(one, 'type') === 'Progressing');
  const idleMs = timeOf(begun, 'lastTransitionTime') - timeOf(live, 'metadata', 'creationTimestamp');
  assert.ok(idleMs >= 1_000, `it began after ${idleMs} ms`);
});

test('a sandbox that is stopped while a component is down leaves nothing behind', async (t) => {
  const sandbox = await startOwnSandbox(t);
  const restarted = assert.rejects(sandbox.restart('kube-scheduler', 60_000));
  await untilDown(sandbox, 'kube-scheduler');
  const pids = await Promise.all(['etcd', 'kube-apiserver', 'kwok'].map((name) => pidOf(sandbox, name)));
  const stopped = await sandboxCommand('stop', sandbox.state);
  assert.equal(stopped['stopped'], true);
  await restarted;
  assert.deepEqual(pids.filter(isAlive), []);
  assert.equal((await sandboxCommand('status', sandbox.state))['running'], false);
});

test('what cannot be restarted is refused in a sentence, and nothing is', async (t) => {
  const sandbox = await getSandbox();
  const refused = async (body: string): Promise<string> => {
    const answer = await fetch(`${sandbox.control}/control/restart`, { method: 'PUT', body, signal: t.signal });
    assert.equal(answer.status, 400);
    return answer.text();
  };
  assert.match(
    await refused('{"component":"etcd"}'),
    /^"component" must be one of kube-apiserver, kube-controller-manager, kube-scheduler\.$/m,
  );
  assert.match(await refused('{"component":"kube-apiserver","downMs":-1}'), /^"downMs" must be a whole number/);
  assert.equal((await sandbox.request('GET', '/readyz')).status, 200);
});
