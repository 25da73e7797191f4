import assert from 'node:assert/strict';
import type http from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { httpGet, type PodHttpOptions, websocketUpgrade } from '../../../src/cluster/pod-http.ts';
import { DeployError } from '../../../src/errors.ts';
import { closed, json, never, serve } from './helpers.ts';

const pod = { namespace: 'n', name: 'web' };
const options: PodHttpOptions = { scheme: 'http', timeoutMs: 2_000 };

/** Self-signed, for 100 years: nobody verifies it. */
const tls = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCzdiTDtvAshJbgy4
exiyYFtgFVOu2OvoClQgswgcfLihRANCAAQwZ8U6zCAKdpE5HnG2xSAWcuGspWqo
UVLus5mIR/mRcljDmr4mDBjUPy0ctpM2GLLptmmI+E7jOY9i1RrbqroT
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBcjCCARmgAwIBAgIUEUtM5/aF/qwYYj9q+upmQqO4z+kwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDcG9kMCAXDTI2MTEyNTIyNTI0N1oYDzIxMjYxMTAxMjI1MjQ3
WjAOMQwwCgYDVQQDDANwb2QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQwZ8U6
zCAKdpE5HnG2xSAWcuGspWqoUVLus5mIR/mRcljDmr4mDBjUPy0ctpM2GLLptmmI
+E7jOY9i1RrbqroTo1MwUTAdBgNVHQ4EFgQUk58yIhW1eKclrY4kzzwi+uy9C74w
HwYDVR0jBBgwFoAUk58yIhW1eKclrY4kzzwi+uy9C74wDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNHADBEAiBVnup5a2CtzEBnqN+TGg5KLXaLQ9x1nPxQuXhn
E3GYiAIgT3Dlj4U7eAMPBNvs6RcR9mvpZSSKUoBNBek82Tqf/WY=
-----END CERTIFICATE-----`,
};

/** A cluster whose forwards all lead to this server. */
function clusterTo(url: string): { forward: () => Promise<Duplex> } {
  return { forward: () => Promise.resolve(connect(Number(new URL(url).port), '127.0.0.1')) };
}

test('httpGet: the status, the beginning of the body and the time', async (t) => {
  let seen: http.IncomingMessage | undefined;
  const served = await serve(t, (request, response) => {
    seen = request;
    response.writeHead(503).write('é'.repeat(1_000));
    response.end('x'.repeat(1_000_000));
  });
  const headers = { host: 'example.com', 'x-probe': '1' };
  const answer = await httpGet(clusterTo(served.url), pod, 80, '/health?x=1', { ...options, headers }, never);
  assert.deepEqual([answer.status, answer.body], [503, 'é'.repeat(1_000) + 'x'.repeat(48)]);
  assert.ok(answer.elapsedMs >= 0 && answer.elapsedMs < 2_000);
  assert.equal(served.requests[0], 'GET /health?x=1');
  assert.deepEqual([seen?.headers.host, seen?.headers['x-probe']], ['example.com', '1']);
  await closed(served.sockets[0]);
});

test('httpGet: https, whoever signed the certificate', async (t) => {
  const server = https.createServer(tls, (_, response) => response.end('secure'));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const cluster = clusterTo(`http://127.0.0.1:${port}`);
  assert.equal((await httpGet(cluster, pod, 443, '/', { ...options, scheme: 'https' }, never)).body, 'secure');
});

const failures: readonly (readonly [
  string,
  (response: http.ServerResponse) => void,
  Partial<PodHttpOptions>,
  RegExp,
])[] = [
  ['no answer', () => undefined, { timeoutMs: 50 }, /^no answer within 0.05 s$/],
  ['a body that stops', (response) => response.writeHead(200).write('x'), { timeoutMs: 50 }, /^no answer within/],
  ['a connection that is closed', (response) => response.destroy(), {}, /closed the connection without an answer/],
  ['what is no HTTP', (response) => response.socket?.end('hello\r\n'), {}, /Parse Error/],
  ['no TLS', () => undefined, { scheme: 'https' }, /^The TLS handshake failed: wrong version number\.$/],
];

for (const [name, answer, more, why] of failures) {
  test(`httpGet: ${name}`, async (t) => {
    const served = await serve(t, (_, response) => answer(response));
    await assert.rejects(httpGet(clusterTo(served.url), pod, 80, '/', { ...options, ...more }, never), {
      code: 'refused',
      message: 'Pod n/web gives no answer on port 80.',
      why,
    });
    await Promise.all(served.sockets.map(closed));
  });
}

test('what the way to the pod says is the reason', async (t) => {
  const { url } = await serve(t, () => undefined);
  const forward = async (): Promise<Duplex> => {
    const stream = await clusterTo(url).forward();
    setImmediate(() => stream.destroy(new Error('connect: connection refused')));
    return stream;
  };
  for (const ask of [httpGet, websocketUpgrade]) {
    for (const scheme of ['http', 'https'] as const) {
      await assert.rejects(ask({ forward }, pod, 80, '/', { ...options, scheme }, never), {
        why: 'connect: connection refused',
      });
    }
  }
  const refused = new DeployError('refused', 'no such pod');
  await assert.rejects(httpGet({ forward: () => Promise.reject(refused) }, pod, 80, '/', options, never), refused);
});

test('an abort is an interruption', async (t) => {
  const controller = new AbortController();
  const { url } = await serve(t, () => controller.abort());
  const forward = async (): Promise<Duplex> => {
    const stream = await clusterTo(url).forward();
    controller.signal.addEventListener('abort', () => stream.destroy(new Error('aborted')));
    return stream;
  };
  await assert.rejects(httpGet({ forward }, pod, 80, '/', options, controller.signal), { code: 'interrupted' });
});

test('websocketUpgrade: 101 where it opens, else the status of the refusal', async (t) => {
  const served = await serve(t, (_, response) => json(response, 404, {}));
  const sockets = new WebSocketServer({ noServer: true });
  served.server.on('upgrade', (request, socket, head) => {
    if (request.url === '/ws') sockets.handleUpgrade(request, socket, head, () => undefined);
    else if (request.url === '/wrong') {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    } else socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
  });
  const upgrade = (path: string) => websocketUpgrade(clusterTo(served.url), pod, 80, path, options, never);
  assert.equal((await upgrade('/ws')).status, 101);
  assert.equal((await upgrade('/no')).status, 403);
  await assert.rejects(upgrade('/wrong'), { why: /Sec-WebSocket-Accept/ });
  await Promise.all(served.sockets.map(closed));
});

test('a port that is closed again at once', async (t: TestContext) => {
  const server = createServer((socket) => socket.resetAndDestroy());
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  await assert.rejects(httpGet(clusterTo(`http://127.0.0.1:${port}`), pod, 80, '/', options, never), {
    why: /closed the connection/,
  });
});
