import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { arrayOf, at, type Json, type JsonObject, numberOf, objectOf, stringOf } from '../../src/model/json.ts';
import { connectSandbox, eventually, getSandbox, sandboxCommand, type TestSandbox } from '../support/sandbox.ts';
import {
  conditionOf,
  container,
  createPod,
  isReady,
  pod,
  statusOf,
  text,
  untilEvent,
  untilPod,
  waits,
} from '../support/sandbox-pods.ts';

let sandbox: TestSandbox;
before(async () => {
  sandbox = await getSandbox();
});

describe('pods of the sandbox behave by their image tag', { concurrency: true }, () => {
  test('a pod without a behaviour is ready with all that a kubelet reports', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('ready', t), pod('1.4.2'));
    const live = await untilPod(sandbox, path, isReady);
    for (const type of ['PodScheduled', 'Initialized', 'ContainersReady'])
      assert.equal(conditionOf(live, type), 'True', type);
    assert.match(text(at(live, 'status', 'podIP')), /^10\.244\./);
    assert.equal(at(live, 'status', 'hostIP'), '127.0.0.1');
    for (const name of ['app', 'proxy']) {
      const status = statusOf(live, name);
      assert.equal(at(status, 'ready'), true);
      assert.equal(at(status, 'started'), true);
      assert.match(text(at(status, 'imageID')), /^registry\.example\/team\/app@sha256:/);
      assert.ok(at(status, 'state', 'running', 'startedAt'));
    }
  });

  test('slow-ready runs at once and is ready after ten seconds', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('slow', t), pod('slow-ready'));
    const early = await untilPod(sandbox, path, (live) => at(live, 'status', 'phase') === 'Running');
    assert.equal(isReady(early), false);
    const late = await untilPod(sandbox, path, isReady);
    const started = Date.parse(text(at(late, 'status', 'startTime')));
    assert.ok(Date.now() - started >= 9_000);
    assert.equal(at(late, 'status', 'podIP'), at(early, 'status', 'podIP'));
  });

  for (const { tag, code, reason } of [
    { tag: 'crash', code: 1, reason: 'Error' },
    { tag: 'oom', code: 137, reason: 'OOMKilled' },
  ]) {
    test(`${tag} backs off, restarts rising; the other container runs on`, async (t) => {
      const path = await createPod(sandbox, await sandbox.createNamespace(tag, t), pod(tag));
      await untilPod(sandbox, path, (live) => at(statusOf(live), 'state', 'terminated', 'exitCode') === code);
      const live = await untilPod(
        sandbox,
        path,
        (live) => waits(live, 'CrashLoopBackOff') && numberOf(at(statusOf(live), 'restartCount'), 0) >= 2,
      );
      assert.equal(at(statusOf(live), 'lastState', 'terminated', 'exitCode'), code);
      assert.equal(at(statusOf(live), 'lastState', 'terminated', 'reason'), reason);
      assert.equal(at(statusOf(live, 'proxy'), 'ready'), true);
      await untilEvent(sandbox, path, /^BackOff: Back-off restarting failed container/);
    });
  }

  test('init-crash fails in the init container; nothing else starts', async (t) => {
    const spec = { initContainers: [container('1.0', 'migrate')] };
    const path = await createPod(sandbox, await sandbox.createNamespace('init', t), pod('init-crash', { spec }));
    const isBackingOff = (live: Json): boolean => {
      const status = statusOf(live, 'migrate', 'initContainerStatuses');
      return (
        at(status, 'state', 'waiting', 'reason') === 'CrashLoopBackOff' && numberOf(at(status, 'restartCount'), 0) >= 1
      );
    };
    const live = await untilPod(sandbox, path, isBackingOff);
    assert.equal(conditionOf(live, 'Initialized'), 'False');
    assert.equal(at(live, 'status', 'phase'), 'Pending');
    assert.ok(waits(live, 'PodInitializing'));
  });

  test('image-not-found: ErrImagePull, then ImagePullBackOff; the event has the cause', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('pull', t), pod('image-not-found'));
    const first = await untilPod(sandbox, path, (live) => waits(live, 'ErrImagePull'));
    assert.match(text(at(statusOf(first), 'state', 'waiting', 'message')), /not found$/);
    await untilPod(sandbox, path, (live) => waits(live, 'ImagePullBackOff'));
    await untilPod(sandbox, path, (live) => waits(live, 'ErrImagePull'));
    await untilEvent(
      sandbox,
      path,
      /^Failed: Failed to pull image "registry\.example\/team\/app:image-not-found": .*not found$/,
    );
  });

  test('pull-recovers fails to pull once and is ready', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('recover', t), pod('pull-recovers'));
    await untilPod(sandbox, path, (live) => waits(live, 'ErrImagePull'));
    await untilPod(sandbox, path, isReady);
  });

  test('missing-config-key names the key and the ConfigMap', async (t) => {
    const namespace = await sandbox.createNamespace('config', t);
    const path = await createPod(sandbox, namespace, pod('missing-config-key'));
    const live = await untilPod(sandbox, path, (live) => waits(live, 'CreateContainerConfigError'));
    const expected = `couldn't find key redis_endpoint in ConfigMap ${namespace}/settings`;
    assert.equal(at(statusOf(live), 'state', 'waiting', 'message'), expected);
    await untilEvent(sandbox, path, /^Failed: Error: couldn't find key redis_endpoint in ConfigMap/);
  });

  test('never-ready runs, and its probe fails', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('never', t), pod('never-ready'));
    const live = await untilPod(sandbox, path, (live) => at(live, 'status', 'phase') === 'Running');
    assert.equal(at(statusOf(live), 'ready'), false);
    await untilEvent(sandbox, path, /^Unhealthy: Readiness probe failed/);
  });

  test('the annotation chooses a behaviour for all containers, whatever their tags', async (t) => {
    const metadata = { name: 'p-annotated', annotations: { 'sandbox.oms-deploy.io/behavior': 'crash' } };
    const path = await createPod(sandbox, await sandbox.createNamespace('annotated', t), pod('1.0', { metadata }));
    await untilPod(sandbox, path, (live) => waits(live, 'CrashLoopBackOff'));
  });

  test('a pod with a grace period and a preStop hook is gone within three seconds of its deletion', async (t) => {
    const lifecycle = { preStop: { exec: { command: ['sleep', '50'] } } };
    const spec = { containers: [{ ...container('1.0'), lifecycle }] };
    const path = await createPod(sandbox, await sandbox.createNamespace('delete', t), pod('1.0', { spec }));
    await untilPod(sandbox, path, isReady);
    const started = Date.now();
    await sandbox.request('DELETE', path);
    await eventually(
      async () => ((await sandbox.request('GET', path)).status === 404 ? true : undefined),
      () => 'the pod was not deleted',
    );
    assert.ok(Date.now() - started < 3_000);
  });

  test('a Job completes; one that crashes fails', async (t) => {
    const namespace = await sandbox.createNamespace('job', t);
    const outcomes = [
      { tag: '1.0', type: 'Complete' },
      { tag: 'crash', type: 'Failed' },
    ].map(async ({ tag, type }) => {
      const template = { spec: { restartPolicy: 'Never', containers: [container(tag)] } };
      const body = {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: `j-${tag}` },
        spec: { backoffLimit: 0, template },
      };
      await sandbox.request('POST', `/apis/batch/v1/namespaces/${namespace}/jobs`, body);
      await untilPod(
        sandbox,
        `/apis/batch/v1/namespaces/${namespace}/jobs/j-${tag}`,
        (job) => conditionOf(job, type) === 'True',
      );
    });
    await Promise.all(outcomes);
  });
});

describe('controllers', { concurrency: true }, () => {
  test('a Deployment is Available, and an HPA scales it when a test moves its metrics', async (t) => {
    const namespace = await sandbox.createNamespace('hpa', t);
    await sandbox.request('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, deployment());
    await sandbox.request(
      'POST',
      `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
      autoscaler(),
    );
    const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
    const hpaPath = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers/web`;
    await untilPod(sandbox, deploymentPath, (live) => conditionOf(live, 'Available') === 'True');
    const utilization = (hpa: Json): Json | undefined =>
      at(arrayOf(at(hpa, 'status', 'currentMetrics'))[0], 'resource', 'current', 'averageUtilization');
    await untilPod(sandbox, hpaPath, (hpa) => utilization(hpa) === 30);
    await sandbox.setMetrics({ namespace, podPrefix: 'web-', cpu: '150m' });
    await untilPod(sandbox, deploymentPath, (live) => numberOf(at(live, 'status', 'availableReplicas'), 0) > 3);
  });

  test('the audit log has a request when it is answered', async (t) => {
    const namespace = await sandbox.createNamespace('audit', t);
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };
    await sandbox.request('POST', `${path}?dryRun=All`, body);
    const events = await sandbox.auditEvents(
      (event) => event.namespace === namespace && event.userAgent === 'oms-deploy-test',
    );
    assert.deepEqual(
      events
        .filter((event) => event.requestURI.startsWith(path))
        .map(({ verb, requestURI, code }) => ({ verb, requestURI, code })),
      [{ verb: 'create', requestURI: `${path}?dryRun=All`, code: 201 }],
    );
  });
});

function deployment(): JsonObject {
  const labels = { app: 'web' };
  const resources = { requests: { cpu: '100m', memory: '128Mi' } };
  const template = { metadata: { labels }, spec: { containers: [{ ...container('1.0'), resources }] } };
  const spec = { replicas: 3, selector: { matchLabels: labels }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
}

function autoscaler(): JsonObject {
  const target = { type: 'Utilization', averageUtilization: 70 };
  const metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }];
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const spec = { scaleTargetRef, minReplicas: 3, maxReplicas: 10, metrics };
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'web' }, spec };
}

describe('a sandbox of its own', () => {
  test('starts beside the other, twice is once, survives a killed supervisor; stop leaves nothing', async (t) => {
    const parent = await mkdtemp(join(tmpdir(), 'oms-deploy-sandbox-'));
    t.after(() => rm(parent, { recursive: true, force: true }));
    const dir = join(parent, 'state');
    t.after(() => sandboxCommand('stop', dir));
    const started = await sandboxCommand('start', dir);
    const again = await sandboxCommand('start', dir);
    assert.equal(again['pid'], started['pid']);
    const other = await connectSandbox(started);
    assert.notEqual(other.server, sandbox.server);
    assert.equal((await other.request('GET', '/readyz')).status, 200);
    const before = await processesOf(dir);
    assert.ok(before.length >= 6, `supervisor and five components run: ${before.join(' | ')}`);
    process.kill(Number(started['pid']), 'SIGKILL');
    const killed = await sandboxCommand('status', dir);
    assert.equal(killed['running'], false);
    const parts = ['etcd', 'kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'kwok'];
    assert.deepEqual(new Set(arrayOf(killed['left'])), new Set(parts));
    assert.equal((await sandboxCommand('stop', dir))['stopped'], true);
    assert.deepEqual(await processesOf(dir), []);
    assert.equal(existsSync(dir), false);
    assert.equal((await sandboxCommand('stop', dir))['stopped'], false);
  });

  test('stops all, and says why, when a component dies', async (t) => {
    const parent = await mkdtemp(join(tmpdir(), 'oms-deploy-sandbox-'));
    t.after(() => rm(parent, { recursive: true, force: true }));
    const dir = join(parent, 'state');
    t.after(() => sandboxCommand('stop', dir));
    await sandboxCommand('start', dir);
    const state = objectOf(JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')));
    const scheduler = arrayOf(state['components']).find((one) => at(one, 'name') === 'kube-scheduler');
    process.kill(Number(at(scheduler, 'pid')), 'SIGKILL');
    await eventually(
      async () => ((await processesOf(dir)).length === 0 ? true : undefined),
      () => 'processes were left',
    );
    const status = await sandboxCommand('status', dir);
    assert.equal(status['running'], false);
    assert.deepEqual(status['left'], []);
    assert.match(stringOf(status['why']) ?? '', /kube-scheduler was ended by SIGKILL/);
  });
});

/** The command lines of all processes that mention the folder (the test's own commands have ended by then). */
async function processesOf(dir: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(dir)).map((line) => line.replaceAll('\0', ' '));
}
