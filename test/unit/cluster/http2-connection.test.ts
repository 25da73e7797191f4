import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import tls from 'node:tls';
import { type Http2Connection, openHttp2 } from '../../../src/cluster/http2-connection.ts';
import { listen, reply, serveHttp2 } from './http2-server.ts';
import { tlsPair } from './tls-pair.ts';

const headers = (path: string): http2.OutgoingHttpHeaders => ({ ':method': 'GET', ':path': path });

interface Opened {
  readonly connection: Http2Connection;
  /** The server's end. */
  readonly session: http2.ServerHttp2Session;
  readonly socket: tls.TLSSocket;
}

interface OpenedOptions {
  readonly server?: http2.SecureServerOptions;
  readonly pingMs?: number;
  /** What the client sends arrives so much later. */
  readonly delayMs?: number;
}

/** A connection to a server that leaves `/open` unanswered, and answers all else. */
async function opened(
  t: TestContext,
  { server: options = {}, pingMs = 5_000, delayMs = 0 }: OpenedOptions = {},
): Promise<Opened> {
  const { url: direct, server } = await serveHttp2(
    t,
    (stream, { ':path': path }) => {
      if (path !== '/open') reply(stream, 200);
    },
    options,
  );
  const accepted = once(server, 'session');
  const url = delayMs === 0 ? direct : await delayed(t, direct, delayMs);
  const { hostname: host, port } = new URL(url);
  const socket = tls.connect({ host, port: Number(port), ca: tlsPair.cert, ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  const connection = openHttp2(http2, new URL(url), socket, { connectMs: 5_000, pingMs, pongMs: 5_000 });
  t.after(() => connection.destroy());
  const [session] = (await accepted) as [http2.ServerHttp2Session];
  // An answer is there: so are the settings of both sides, which came before it.
  const first = connection.begin(headers('/'), false).resume();
  await once(first, 'close');
  return { connection, session, socket };
}

/** A network that is slow in one direction. */
async function delayed(t: TestContext, target: string, delayMs: number): Promise<string> {
  // It doesn't pass on that an end has said goodbye.
  const network = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect(Number(new URL(target).port), '127.0.0.1');
    client.on('data', (chunk) => setTimeout(() => upstream.write(chunk), delayMs));
    upstream.on('data', (chunk) => client.write(chunk));
    upstream.on('error', () => undefined);
    t.after(() => upstream.destroy());
  });
  return (await listen(t, network)).url;
}

for (const [allowed, ofStreams] of [
  [1, 1],
  [4, 2],
  [7, 3],
] as const) {
  test(`of ${allowed} calls that a server allows ${ofStreams} may be streams`, async (t) => {
    const { connection } = await opened(t, { server: { settings: { maxConcurrentStreams: allowed } } });
    const room: boolean[][] = [];
    for (let underway = 0; underway <= allowed; underway += 1) {
      room.push([connection.hasRoom(true), connection.hasRoom(false)]);
      if (underway < allowed) connection.begin(headers('/open'), false).on('error', () => undefined);
    }
    const wanted = room.map((_, underway) => [underway < ofStreams, underway < allowed]);
    assert.deepEqual(room, wanted);
  });
}

test('the server may send 4 MiB to each call and 64 MiB to all before anybody reads, and pushes nothing', async (t) => {
  const { session } = await opened(t);
  const { initialWindowSize, enablePush } = session.remoteSettings;
  assert.deepEqual([initialWindowSize, enablePush], [4 * 1024 * 1024, false]);
  assert.ok((session.state.remoteWindowSize ?? 0) > 63 * 1024 * 1024, String(session.state.remoteWindowSize));
});

test('32 MB underway to a server end no connection, which Node would do at 10', async (t) => {
  // The server's end has a limit of its own.
  const { connection } = await opened(t, { server: { maxSessionMemory: 512 } });
  const body = Buffer.alloc(1024 * 1024, 'x');
  const streams = Array.from({ length: 32 }, () => {
    const stream = connection.begin({ ':method': 'PATCH', ':path': '/' }, true);
    stream.end(body);
    return stream.resume();
  });
  await Promise.all(streams.map((stream) => once(stream, 'close')));
  assert.deepEqual(new Set(streams.map(({ rstCode }) => rstCode)), new Set([0]));
});

test('one that is retired takes no more calls, and ends with the last: at once where there is none', async (t) => {
  const idle = await opened(t);
  const end = once(idle.session, 'close');
  idle.connection.retire();
  assert.equal(idle.connection.isOpen(), false);
  await end;
  const busy = await opened(t);
  const call = busy.connection.begin(headers('/open'), false);
  busy.connection.retire();
  assert.deepEqual([busy.connection.isOpen(), busy.connection.isConnected()], [false, true]);
  const over = once(busy.session, 'close');
  call.close();
  await over;
});

test('a call without an answer: nothing heard since is a dead connection, else only new calls go elsewhere', async (t) => {
  const dead = await opened(t);
  dead.connection.begin(headers('/open'), false).on('error', () => undefined);
  dead.connection.doubt(dead.connection.heardBytes());
  assert.deepEqual([dead.connection.isOpen(), dead.connection.isConnected()], [false, false]);
  const slow = await opened(t);
  slow.connection.begin(headers('/open'), false).on('error', () => undefined);
  slow.connection.doubt(slow.connection.heardBytes() - 1);
  assert.deepEqual([slow.connection.isOpen(), slow.connection.isConnected()], [false, true]);
});

test('it is asked again only when it has answered: one that is slow is not taken for dead', async (t) => {
  const delayMs = 120;
  const { connection, session } = await opened(t, { pingMs: 20, delayMs });
  connection.begin(headers('/open'), false).on('error', () => undefined);
  const askedAtMs: number[] = [];
  for (let count = 0; count < 4; count += 1) {
    await once(session, 'ping');
    askedAtMs.push(performance.now());
  }
  const pauses = askedAtMs.slice(1).map((atMs, index) => atMs - (askedAtMs[index] ?? 0));
  // A timer may end a hair before its time.
  assert.ok(Math.min(...pauses) > delayMs - 5, pauses.join(', '));
  assert.ok(connection.isOpen());
});

test('one without calls is asked nothing', async (t) => {
  const { session } = await opened(t, { pingMs: 20 });
  let pings = 0;
  session.on('ping', () => (pings += 1));
  // Nothing happens that could be awaited: five times what a ping would take.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(pings, 0);
});

test('one that is dead is gone at once: nobody is waited for to say goodbye', { timeout: 5_000 }, async (t) => {
  const { connection, socket } = await opened(t, { delayMs: 1 });
  connection.begin(headers('/open'), false).on('error', () => undefined);
  const end = once(socket, 'close');
  connection.destroy(new Error('dead'));
  await end;
});
