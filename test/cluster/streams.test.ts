import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { before, describe, type TestContext, test } from 'node:test';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { LogAnswer } from '../../src/cluster/logs.ts';
import { httpGet, type PodHttpOptions, websocketUpgrade } from '../../src/cluster/pod-http.ts';
import { DeployError } from '../../src/errors.ts';
import { arrayOf, at, type Json, type JsonObject, numberOf } from '../../src/model/json.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import { makeFolder } from '../support/cli.ts';
import { eventually, getSandbox, type TestSandbox } from '../support/sandbox.ts';
import { connectTo } from '../support/target.ts';

let sandbox: TestSandbox;
let cluster: Cluster;
before(async (t) => {
  sandbox = await getSandbox();
  cluster = connectTo(sandbox.kubeconfig);
  // Streams that a test has left open would keep this file from ending.
  if ('after' in t) t.after(() => cluster.close());
});

const never = new AbortController().signal;
const http: PodHttpOptions = { scheme: 'http', timeoutMs: 5_000 };

interface Pod {
  readonly namespace: string;
  readonly name: string;
}

/** A pod of the service `web` that behaves like this. */
async function makePod(t: TestContext, behavior?: string, spec: JsonObject = {}): Promise<Pod> {
  const namespace = await sandbox.createNamespace('streams', t);
  const annotations = behavior === undefined ? {} : { 'sandbox.oms-deploy.io/behavior': behavior };
  const { status, body } = await sandbox.request('POST', `/api/v1/namespaces/${namespace}/pods`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', labels: { app: 'web' }, annotations },
    spec: { containers: [{ name: 'app', image: 'registry.example/team/app:1.0' }], ...spec },
  });
  assert.equal(status, 201, JSON.stringify(body));
  return { namespace, name: 'web-1' };
}

/** Waits until the pod is as `matches` says. */
function untilPod(pod: Pod, matches: (live: KubernetesObject) => boolean): Promise<KubernetesObject> {
  let last: KubernetesObject | undefined;
  return eventually(
    async () => {
      last = await cluster.get({ apiVersion: 'v1', kind: 'Pod', ...pod }, never);
      return last !== undefined && matches(last) ? last : undefined;
    },
    () => `the pod stayed ${JSON.stringify(last?.status)}`,
  );
}

async function makeReadyPod(t: TestContext): Promise<Pod> {
  const pod = await makePod(t);
  await untilPod(pod, (live) =>
    arrayOf(at(live.status, 'conditions')).some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True'),
  );
  return pod;
}

const container = (live: KubernetesObject): Json | undefined => arrayOf(at(live.status, 'containerStatuses'))[0];

async function linesOf(answer: LogAnswer): Promise<readonly string[]> {
  if ('refusal' in answer) assert.fail(answer.refusal);
  const lines: string[] = [];
  for await (const line of answer.lines) lines.push(line);
  return lines;
}

describe('logs', { concurrency: true }, () => {
  test('the last lines, with their times, and none of an instance that never was', async (t) => {
    const pod = await makeReadyPod(t);
    assert.deepEqual(await linesOf(await cluster.logs(pod, { tailLines: 2 }, never)), [
      'info: configuration loaded from environment',
      'info: app is listening on port 80',
    ]);
    const [stamped] = await linesOf(
      await cluster.logs(pod, { container: 'app', tailLines: 1, timestamps: true }, never),
    );
    assert.match(stamped ?? '', /^\d{4}-\d\d-\d\dT\S+Z info: app is listening on port 80$/);
    const previous = await cluster.logs(pod, { container: 'app', previous: true }, never);
    assert.deepEqual(previous, {
      refusal: 'previous terminated container "app" in pod "web-1" not found',
      reason: 'no-previous',
    });
  });

  test('following sees a line that is written later, and ends with the signal', async (t) => {
    const pod = await makeReadyPod(t);
    const controller = new AbortController();
    const answer = await cluster.logs(pod, { container: 'app', follow: true, tailLines: 1 }, controller.signal);
    if ('refusal' in answer) assert.fail(answer.refusal);
    const lines: string[] = [];
    for await (const line of answer.lines) {
      lines.push(line);
      if (lines.length === 2) controller.abort();
    }
    // The sandbox's application says so every ten seconds.
    assert.deepEqual(lines, ['info: app is listening on port 80', 'info: GET /health responded']);
  });

  test('following ends when the pod does', async (t) => {
    const pod = await makeReadyPod(t);
    const answer = await cluster.logs(pod, { container: 'app', follow: true }, never);
    if ('refusal' in answer) assert.fail(answer.refusal);
    let count = 0;
    for await (const _ of answer.lines) {
      count += 1;
      if (count === 3) await sandbox.request('DELETE', `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`);
    }
    assert.ok(count >= 3);
    await eventually(
      async () =>
        (await cluster.get({ apiVersion: 'v1', kind: 'Pod', ...pod }, never)) === undefined ? true : undefined,
      () => 'the pod was not deleted',
    );
    assert.equal(at(await cluster.logs(pod, { container: 'app' }, never), 'reason'), 'no-pod');
  });

  test('the instance before a crash', async (t) => {
    const pod = await makePod(t, 'crash');
    await untilPod(pod, (live) => numberOf(at(container(live), 'restartCount'), 0) >= 1);
    const lines = await linesOf(await cluster.logs(pod, { container: 'app', previous: true }, never));
    assert.ok(lines.length > 2, lines.join('\n'));
    assert.match(lines.join('\n'), /^fail: /m);
  });

  test('no log yet is data', async (t) => {
    const pod = await makePod(t, 'image-not-found');
    await untilPod(pod, (live) => at(container(live), 'state', 'waiting', 'reason') === 'ErrImagePull');
    assert.deepEqual(await cluster.logs(pod, { container: 'app', follow: true }, never), {
      refusal: 'container "app" in pod "web-1" is waiting to start: trying and failing to pull image',
      reason: 'waiting',
    });
  });

  test('a pod without a node has no log yet', async (t) => {
    const pod = await makePod(t, undefined, { nodeSelector: { nowhere: 'at-all' } });
    assert.deepEqual(await cluster.logs(pod, { container: 'app', follow: true }, never), {
      refusal: 'pod "web-1" is not on a node yet',
      reason: 'waiting',
    });
  });

  test('a container that the pod does not have is refused', async (t) => {
    const pod = await makeReadyPod(t);
    await assert.rejects(cluster.logs(pod, { container: 'other' }, never), {
      code: 'refused',
      message: `The cluster refused to show the log of Pod ${pod.namespace}/web-1.`,
      why: /container other is not valid/,
    });
  });
});

describe('exec', { concurrency: true }, () => {
  test('outputs and exit code', async (t) => {
    const pod = await makeReadyPod(t);
    assert.deepEqual(await cluster.exec(pod, 'app', ['echo', 'a  b', '$c'], never), {
      exitCode: 0,
      stdout: 'a  b $c\n',
      stderr: '',
    });
    assert.deepEqual(await cluster.exec(pod, 'app', ['sh', '-c', 'echo good; echo bad >&2; exit 3'], never), {
      exitCode: 3,
      stdout: 'good\n',
      stderr: 'bad\n',
    });
    const flood = ['sh', '-c', 'head -c 300000 /dev/zero | tr "\\0" x'];
    assert.equal((await cluster.exec(pod, 'app', flood, never)).stdout.length, 65_536);
  });

  test('what can not be run', async (t) => {
    const pod = await makeReadyPod(t);
    await assert.rejects(cluster.exec(pod, 'app', ['no-such-program'], never), {
      code: 'refused',
      message: `The cluster could not run no-such-program in container app of Pod ${pod.namespace}/web-1.`,
      why: /executable file not found/,
    });
    await assert.rejects(cluster.exec({ ...pod, name: 'web-2' }, 'app', ['true'], never), {
      code: 'refused',
      why: '404 NotFound: pods "web-2" not found',
    });
  });

  test('an abort ends it', async (t) => {
    const pod = await makeReadyPod(t);
    await assert.rejects(cluster.exec(pod, 'app', ['sleep', '30'], AbortSignal.timeout(300)), { code: 'interrupted' });
  });
});

describe('forward', { concurrency: true }, () => {
  test('the health of the pod, as it changes', async (t) => {
    const pod = await makeReadyPod(t);
    const healthy = await httpGet(cluster, pod, 80, '/health', http, never);
    assert.equal(healthy.status, 200);
    assert.deepEqual(JSON.parse(healthy.body), { status: 'Healthy', service: 'web', pod: 'web-1' });
    await sandbox.setHealth({ namespace: pod.namespace, service: 'web', status: 503 });
    const sick = await httpGet(cluster, pod, 80, '/health', http, never);
    assert.equal(sick.status, 503);
    assert.match(sick.body, /Unhealthy/);
    assert.equal((await websocketUpgrade(cluster, pod, 80, '/ws/market-data', http, never)).status, 503);
  });

  test('a WebSocket of the pod opens; elsewhere there is none', async (t) => {
    const pod = await makeReadyPod(t);
    assert.equal((await websocketUpgrade(cluster, pod, 80, '/ws/market-data', http, never)).status, 101);
    assert.equal((await websocketUpgrade(cluster, pod, 80, '/elsewhere', http, never)).status, 404);
  });

  test('many at once', async (t) => {
    const pod = await makeReadyPod(t);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => httpGet(cluster, pod, 80, '/ready', http, never)),
    );
    assert.ok(answers.every(({ status }) => status === 200));
  });

  test('no such pod, and a pod that speaks no TLS', async (t) => {
    const pod = await makeReadyPod(t);
    await assert.rejects(httpGet(cluster, { ...pod, name: 'web-2' }, 80, '/', http, never), {
      code: 'refused',
      why: '404 NotFound: pods "web-2" not found',
    });
    await assert.rejects(httpGet(cluster, pod, 80, '/', { ...http, scheme: 'https' }, never), (error) => {
      assert.ok(error instanceof DeployError);
      assert.match(error.why ?? '', /TLS handshake failed/);
      return true;
    });
  });
});

test('logs, exec and forward go through the proxy of the kubeconfig', async (t) => {
  const tunnels: string[] = [];
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket) => {
    const [host = '', port = ''] = (request.url ?? '').split(':');
    tunnels.push(`${host}:${port}`);
    const onward = connectTcp(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    t.after(() => onward.destroy());
  });
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => proxy.close());
  const address = proxy.address();
  assert.ok(typeof address === 'object' && address !== null);
  const direct = await readFile(sandbox.kubeconfig, 'utf8');
  const server =
    direct.split('\n').find((line) => /^\s+server:/.test(line)) ?? assert.fail('no server in the kubeconfig');
  const proxied = direct.replace(
    server,
    `${server}\n${server.replace(/server:.*/, '')}proxy-url: http://127.0.0.1:${address.port}`,
  );
  const folder = await makeFolder(t, { kubeconfig: proxied });
  const distant = connectTo(`${folder}/kubeconfig`);
  t.after(() => distant.close());
  const pod = await makeReadyPod(t);
  assert.equal((await linesOf(await distant.logs(pod, { tailLines: 1 }, never))).length, 1);
  assert.equal((await distant.exec(pod, 'app', ['echo', 'hello'], never)).stdout, 'hello\n');
  assert.equal((await httpGet(distant, pod, 80, '/health', http, never)).status, 200);
  assert.ok(tunnels.length >= 3);
  assert.deepEqual([...new Set(tunnels)], [new URL(sandbox.server).host]);
});

test('the clock of the API server, which runs on this machine, is ours', async () => {
  await cluster.version(never);
  assert.ok(Math.abs(cluster.now() - Date.now()) < 2_000);
});
