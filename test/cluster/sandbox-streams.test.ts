import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { get } from 'node:http';
import { createServer, type Server } from 'node:net';
import { PassThrough } from 'node:stream';
import { before, describe, type TestContext, test } from 'node:test';
import { Exec, KubeConfig, PortForward, type V1Status } from '@kubernetes/client-node';
import { at, type JsonObject, numberOf } from '../../src/model/json.ts';
import { eventually, getSandbox, type TestSandbox } from '../support/sandbox.ts';
import { createPod, isReady, pod, statusOf, text, untilPod, waits } from '../support/sandbox-pods.ts';

const skip = spawnSync('curl', ['--version']).error === undefined ? false : 'there is no curl on this machine';

let sandbox: TestSandbox;
before(async () => {
  sandbox = await getSandbox();
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
    assert.equal(await execIn(namespace, 'p-1.0', ['echo', 'hello']), 'hello\n');
  });

  test('exec has the cluster as its network: a service answers as its controls and endpoints say', {
    skip,
  }, async (t) => {
    const namespace = await sandbox.createNamespace('curl', t);
    for (const tag of ['1.0', 'manual']) {
      await createPod(sandbox, namespace, pod(tag));
      await createService(namespace, `svc-${tag.replace('.', '-')}`, { app: `svc-${tag}` });
    }
    await untilPod(sandbox, `/api/v1/namespaces/${namespace}/pods/p-1.0`, isReady);
    const curl = async (url: string): Promise<string> =>
      execIn(namespace, 'p-1.0', ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', url]);
    const untilCurl = (url: string, code: string): Promise<true> => {
      let last = '';
      return eventually(
        async () => {
          last = await curl(url);
          return last === code ? true : undefined;
        },
        () => `${url} answered ${last}`,
      );
    };
    const host = `http://svc-1-0.${namespace}`;
    // The endpoints follow the pod a moment later.
    await untilCurl(`${host}.svc.cluster.local:80/health`, '200');
    assert.equal(await curl(`${host}/ready`), '200');
    assert.equal(await curl(`${host}.svc/elsewhere`), '404');
    assert.equal(await curl(`${host}:8080/health`), '502');
    assert.equal(await curl(`http://no-such-service.${namespace}/health`), '502');
    assert.equal(await curl('http://no-such-service-at-all/health'), '502');
    await sandbox.setHealth({ namespace, service: 'svc-1-0', path: '/ready', status: 500 });
    assert.equal(await curl(`${host}/ready`), '500');
    assert.equal(await curl(`${host}/health`), '200');
    assert.equal(await curl(`http://svc-manual.${namespace}/health`), '503');
    // Gone from the endpoints, whatever the controls say.
    await sandbox.request('DELETE', `/api/v1/namespaces/${namespace}/pods/p-1.0?gracePeriodSeconds=0`);
    await createPod(sandbox, namespace, pod('2.0'));
    await untilPod(sandbox, `/api/v1/namespaces/${namespace}/pods/p-2.0`, isReady);
    await eventually(
      async () => {
        const code = await execIn(namespace, 'p-2.0', [
          'curl',
          '-s',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          `${host}/health`,
        ]);
        return code === '503' ? true : undefined;
      },
      () => 'the deleted pod still serves',
    );
  });

  test('exec: a bare name means the only service of that name', { skip }, async (t) => {
    const namespace = await sandbox.createNamespace('bare', t);
    await createPod(sandbox, namespace, pod('1.0'));
    // The name of the namespace is random: no other test has a service of it.
    await createService(namespace, namespace, { app: 'svc-1.0' });
    await untilPod(sandbox, `/api/v1/namespaces/${namespace}/pods/p-1.0`, isReady);
    const curl = (path: string): Promise<string> =>
      execIn(namespace, 'p-1.0', ['curl', '-s', `http://${namespace}${path}`]);
    await eventually(
      async () => ((await curl('/health')).includes('"Healthy"') ? true : undefined),
      () => `http://${namespace}/health is not healthy`,
    );
    await sandbox.setHealth({ namespace: 'elsewhere', service: namespace, status: 503 });
    assert.match(await curl('/health'), /"Healthy"/);
    await sandbox.setHealth({ namespace, service: namespace, status: 503 });
    assert.match(await curl('/health'), /"Unhealthy"/);
    assert.match(await execIn(namespace, 'p-1.0', ['curl', '-s', 'http://localhost/health']), /"service":"unknown"/);
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

  test('a path of a service fails alone, WebSockets too; the newest rule wins', async (t) => {
    const namespace = await sandbox.createNamespace('path', t);
    await untilPod(sandbox, await createPod(sandbox, namespace, pod('1.0')), isReady);
    const port = await forward(namespace, 'p-1.0', t);
    const service = 'svc-1.0';
    await sandbox.setHealth({ namespace, service, path: '/ready', status: 503 });
    assert.deepEqual([await statusAt(port, '/health'), await statusAt(port, '/ready?full=1')], [200, 503]);
    await sandbox.setHealth({ namespace, service, path: '/ws/prices', status: 502 });
    await assert.rejects(upgradeAt(port, '/ws/prices'), /502/);
    assert.equal(await upgradeAt(port, '/ws/orders'), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    await sandbox.setHealth({ namespace, service, path: '/livez', status: 204 });
    assert.equal(await statusAt(port, '/livez'), 204);
    await sandbox.setHealth({ namespace, service, status: 500 });
    assert.deepEqual([await statusAt(port, '/health'), await statusAt(port, '/ready')], [500, 500]);
    await assert.rejects(upgradeAt(port, '/ws/orders'), /500/);
    await sandbox.setHealth({ namespace, service, path: '/health', status: 200 });
    assert.deepEqual([await statusAt(port, '/health'), await statusAt(port, '/ready')], [200, 500]);
  });
});

async function createService(namespace: string, name: string, selector: JsonObject): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector, ports: [{ port: 80 }] } };
  const answer = await sandbox.request('POST', `/api/v1/namespaces/${namespace}/services`, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
}

/** What the command prints; it must succeed. */
async function execIn(namespace: string, name: string, command: string[]): Promise<string> {
  const output = new PassThrough();
  const chunks: Buffer[] = [];
  output.on('data', (chunk: Buffer) => chunks.push(chunk));
  const status = await new Promise<V1Status>((resolve, reject) => {
    const exec = new Exec(kubeConfig());
    exec.exec(namespace, name, 'app', command, output, null, null, false, resolve).catch(reject);
  });
  assert.equal(status.status, 'Success', JSON.stringify(status));
  return Buffer.concat(chunks).toString('utf8');
}

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
    get({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
      answer.resume();
      reject(new Error(`not upgraded: ${answer.statusCode}`));
    })
      .on('upgrade', (answer, socket) => {
        socket.destroy();
        resolve(String(answer.headers['sec-websocket-accept']));
      })
      .on('error', reject);
  });
}
