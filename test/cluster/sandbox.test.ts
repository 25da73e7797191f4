import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { before, describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { Exec, KubeConfig, PortForward, type V1Status } from '@kubernetes/client-node';
import { arrayOf, at, type Json, type JsonObject, numberOf, objectOf, stringOf } from '../../src/model/json.ts';
import { connectSandbox, eventually, getSandbox, type TestSandbox } from '../support/sandbox.ts';
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

const run = promisify(execFile);
const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

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

describe('logs, exec and port-forward', { concurrency: true }, () => {
  test('logs: the last lines, the previous instance, and the reason where there are none', async (t) => {
    const namespace = await sandbox.createNamespace('logs', t);
    const good = await createPod(sandbox, namespace, pod('1.0'));
    const crash = await createPod(sandbox, namespace, pod('crash'));
    const absent = await createPod(sandbox, namespace, pod('image-not-found'));
    await untilPod(sandbox, good, isReady);
    const log = await sandbox.request('GET', `${good}/log?container=app&tailLines=1`);
    assert.equal(log.body, 'info: app is listening on port 80\n');
    await untilPod(sandbox, crash, (live) => numberOf(at(statusOf(live), 'restartCount'), 0) >= 1);
    const previous = await sandbox.request('GET', `${crash}/log?container=app&previous=true`);
    assert.match(text(previous.body), /fail: connection to kafka brokers failed/);
    await untilPod(sandbox, absent, (live) => waits(live, 'ErrImagePull'));
    const refused = await sandbox.request('GET', `${absent}/log?container=app`);
    assert.equal(refused.status, 400);
    assert.match(JSON.stringify(refused.body), /is waiting to start: trying and failing to pull image/);
  });

  test('exec runs a command', async (t) => {
    const namespace = await sandbox.createNamespace('exec', t);
    await untilPod(sandbox, await createPod(sandbox, namespace, pod('1.0')), isReady);
    const output = new PassThrough();
    const chunks: Buffer[] = [];
    output.on('data', (chunk: Buffer) => chunks.push(chunk));
    const status = await new Promise<V1Status>((resolve, reject) => {
      const done = new Exec(kubeConfig()).exec(
        namespace,
        'p-1.0',
        'app',
        ['echo', 'hello'],
        output,
        null,
        null,
        false,
        resolve,
      );
      done.catch(reject);
    });
    assert.equal(status.status, 'Success');
    assert.equal(Buffer.concat(chunks).toString('utf8'), 'hello\n');
  });

  test('port-forward reaches the health of the very service, which a test can change', async (t) => {
    const namespace = await sandbox.createNamespace('forward', t);
    for (const tag of ['1.0', '2.0']) await untilPod(sandbox, await createPod(sandbox, namespace, pod(tag)), isReady);
    const [one, two] = await Promise.all(['p-1.0', 'p-2.0'].map((name) => forward(namespace, name, t)));
    assert.ok(one !== undefined && two !== undefined);
    assert.equal(await statusAt(one, '/health'), 200);
    assert.equal(await statusAt(one, '/ready'), 200);
    await sandbox.setHealth({ namespace, service: 'svc-1.0', status: 503 });
    assert.equal(await statusAt(one, '/health'), 503);
    assert.equal(await statusAt(two, '/health'), 200);
    assert.equal(await statusAt(two, '/elsewhere'), 404);
    assert.equal(await upgradeAt(two, '/ws/prices'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});

function kubeConfig(): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(sandbox.kubeconfig);
  return config;
}

/** A local port whose connections lead to port 80 of the pod. */
async function forward(namespace: string, name: string, t: TestContext): Promise<number> {
  const forwarder = new PortForward(kubeConfig());
  const server: Server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    forwarder.portForward(namespace, name, [80], socket, null, socket).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function statusAt(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).on('error', reject);
  });
}

/** The Sec-WebSocket-Accept of an upgrade with the key of RFC 6455's example. */
function upgradeAt(port: number, path: string): Promise<string> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers, agent: false }, () => reject(new Error('not upgraded')))
      .on('upgrade', (answer, socket) => {
        socket.destroy();
        resolve(String(answer.headers['sec-websocket-accept']));
      })
      .on('error', reject);
  });
}

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
    t.after(() => command('stop', dir));
    const started = await command('start', dir);
    const again = await command('start', dir);
    assert.equal(again['pid'], started['pid']);
    const other = await connectSandbox(started);
    assert.notEqual(other.server, sandbox.server);
    assert.equal((await other.request('GET', '/readyz')).status, 200);
    const before = await processesOf(dir);
    assert.ok(before.length >= 6, `supervisor and five components run: ${before.join(' | ')}`);
    process.kill(Number(started['pid']), 'SIGKILL');
    assert.equal((await command('status', dir))['running'], false);
    assert.equal((await command('stop', dir))['stopped'], true);
    assert.deepEqual(await processesOf(dir), []);
    assert.equal(existsSync(dir), false);
    assert.equal((await command('stop', dir))['stopped'], false);
  });

  test('stops all, and says why, when a component dies', async (t) => {
    const parent = await mkdtemp(join(tmpdir(), 'oms-deploy-sandbox-'));
    t.after(() => rm(parent, { recursive: true, force: true }));
    const dir = join(parent, 'state');
    t.after(() => command('stop', dir));
    await command('start', dir);
    const state = objectOf(JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')));
    const scheduler = arrayOf(state['components']).find((one) => at(one, 'name') === 'kube-scheduler');
    process.kill(Number(at(scheduler, 'pid')), 'SIGKILL');
    await eventually(
      async () => ((await processesOf(dir)).length === 0 ? true : undefined),
      () => 'processes were left',
    );
    const status = await command('status', dir);
    assert.equal(status['running'], false);
    assert.match(stringOf(status['why']) ?? '', /kube-scheduler was ended by SIGKILL/);
  });
});

async function command(action: string, dir: string): Promise<JsonObject> {
  const args = ['--import', 'tsx', main, 'sandbox', action, '--state', dir, '--output', 'json'];
  const owner = action === 'start' ? ['--owner-pid', String(process.pid)] : [];
  const { stdout } = await run(process.execPath, [...args, ...owner]);
  const last = objectOf(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '{}'));
  // The result's fields lie beside `type` or below `data`.
  return { ...last, ...objectOf(last['data']) };
}

/** The command lines of all processes that mention the folder (the test's own commands have ended by then). */
async function processesOf(dir: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return lines.filter((line) => line.includes(dir)).map((line) => line.replaceAll('\0', ' '));
}
