import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { WebSocket } from 'ws';
import { forwardPort } from '../../../src/cluster/forward.ts';
import { closed, collect, json, never, type Served, serve, serveSockets, transportTo } from './helpers.ts';

const pod = { namespace: 'n', name: 'web' };
const protocol = ['v4.channel.k8s.io'];
const data = (text: string | Buffer): Buffer => Buffer.concat([Buffer.from([0]), Buffer.from(text)]);
const error = (text: string | Buffer): Buffer => Buffer.concat([Buffer.from([1]), Buffer.from(text)]);
const head = Buffer.from([8080 & 0xff, 8080 >> 8]);

/** A port-forward to a kubelet that talks like this after the beginning of both channels. */
async function open(
  t: TestContext,
  talk: (socket: WebSocket) => void,
  signal = never,
): Promise<{ stream: Duplex; served: Served }> {
  const served = await serveSockets(t, protocol, (socket) => {
    socket.send(data(head));
    socket.send(error(head));
    talk(socket);
  });
  return { served, stream: await forwardPort(transportTo(t, served.url), pod, 8080, signal) };
}

async function textOf(stream: Duplex): Promise<string> {
  const chunks: AsyncIterable<Buffer> = stream;
  return Buffer.concat([...(await collect(chunks))]).toString();
}

test('forward: bytes there and back, ended by the pod', async (t) => {
  const { stream, served } = await open(t, (socket) => {
    socket.on('message', (message: Buffer) => {
      socket.send(data(`[${message.subarray(1).toString()}]`));
      if (message.toString().endsWith('bye')) socket.close(1000);
    });
  });
  stream.write('hello ');
  stream.write('bye');
  assert.equal(await textOf(stream), '[hello ][bye]');
  assert.equal(served.requests[0], 'GET /api/v1/namespaces/n/pods/web/portforward?ports=8080');
  await closed(served.sockets[0]);
});

test('forward: the port at the beginning may come in pieces, with data behind it, or not at once', async (t) => {
  const served = await serveSockets(t, protocol, (socket) => {
    socket.send(data(head.subarray(0, 1)));
    socket.send(data(Buffer.concat([head.subarray(1), Buffer.from('one ')])));
    socket.send(Buffer.from([7, 1, 2, 3]));
    socket.send(data('two'));
    socket.close(1000);
  });
  const stream = await forwardPort(transportTo(t, served.url), pod, 8080, never);
  assert.equal(await textOf(stream), 'one two');
});

test('forward: what the error channel says ends the stream', async (t) => {
  const { stream, served } = await open(t, (socket) => {
    socket.send(data('some'));
    socket.send(error('dial tcp4 127.0.0.1:8080: connect: connection refused\n'));
  });
  await assert.rejects(textOf(stream), { message: 'dial tcp4 127.0.0.1:8080: connect: connection refused' });
  await closed(served.sockets[0]);
});

test('forward: a connection that is cut', async (t) => {
  const { stream } = await open(t, (socket) => socket.terminate());
  await assert.rejects(textOf(stream), { code: 'ECONNRESET' });
});

test('forward: a reader that is slow gets all, without a flood in memory', async (t) => {
  const piece = Buffer.alloc(65_536, 'x');
  const { stream } = await open(t, (socket) => {
    for (let i = 0; i < 160; i += 1) socket.send(data(piece));
    socket.close(1000);
  });
  let length = 0;
  let most = 0;
  const chunks: AsyncIterable<Buffer> = stream;
  for await (const chunk of chunks) {
    length += chunk.length;
    most = Math.max(most, stream.readableLength);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  assert.equal(length, 160 * 65_536);
  assert.ok(most <= 16 * 65_536, `${most} bytes were kept`);
});

test('forward: the caller ends it, also while the pod is flooding it', async (t) => {
  for (const talk of [() => undefined, (socket: WebSocket) => socket.send(data(Buffer.alloc(1_000_000)))]) {
    const { stream, served } = await open(t, talk);
    stream.destroy();
    await once(stream, 'close');
    await closed(served.sockets[0]);
  }
});

test('forward: an abort ends it as interrupted', async (t) => {
  const controller = new AbortController();
  const { stream, served } = await open(t, () => undefined, controller.signal);
  setImmediate(() => controller.abort());
  await assert.rejects(textOf(stream), { code: 'interrupted' });
  await closed(served.sockets[0]);
});

test('forward: writing to a pod that has gone is an error, not a crash', async (t) => {
  const { stream } = await open(t, (socket) => socket.terminate());
  stream.write('x');
  await assert.rejects(textOf(stream));
});

test('forward: a refusal', async (t) => {
  const served = await serve(t, (_, response) =>
    json(response, 404, { code: 404, reason: 'NotFound', message: 'gone' }),
  );
  await assert.rejects(forwardPort(transportTo(t, served.url), pod, 8080, never), {
    code: 'refused',
    message: 'The cluster refused to forward port 8080 of Pod n/web.',
    why: '404 NotFound: gone',
  });
});
