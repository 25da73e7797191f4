import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import http2 from 'node:http2';
import { addAbortSignal } from 'node:stream';
import { test } from 'node:test';
import type { ApiRequest } from '../../../src/cluster/api.ts';
import { watchLines } from '../../../src/cluster/watch.ts';
import { collect, get, never, readUntilLost } from './helpers.ts';
import { reply, secureTransport, serveHttp2, startNetwork } from './http2-server.ts';

const patch = (path: string): ApiRequest => ({ method: 'PATCH', path, body: '{}' });
const tick = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a server that announces its end in the middle of a run: nothing is lost, nothing comes twice', async (t) => {
  const handled: string[] = [];
  const served = await serveHttp2(t, (stream, { ':path': path = '' }, count) => {
    setTimeout(() => {
      handled.push(path);
      reply(stream, 200);
    }, 4);
    if (count % 50 === 0) stream.session?.close();
  });
  const transport = secureTransport(t, served.url);
  const paths = Array.from({ length: 300 }, (_, index) => `/x/${index}`);
  const answers = await Promise.all(paths.map((path) => transport.send(patch(path), never)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.deepEqual(handled.sort(), paths.sort());
  assert.ok(served.sockets.length >= 6 && served.sockets.length <= 8, `${served.sockets.length} connections`);
});

for (const code of [0, 11]) {
  test(`what came after the last request that a server has seen to (GOAWAY ${code}) is sent again at once, a stream, too`, async (t) => {
    const seen: (http2.ServerHttp2Stream | undefined)[] = [];
    const served = await serveHttp2(t, (stream, _, count) => {
      if (count === 1) return reply(stream, 200);
      if (seen.length === 3) return reply(stream, 201);
      // Three more in flight on the first connection: the server says that it got no further than the first.
      seen.push(stream);
      if (seen.length === 3) stream.session?.goaway(code, 1);
    });
    const transport = secureTransport(t, served.url, { requestMs: 3_000 });
    await transport.send(get, never);
    const startedMs = performance.now();
    const both = [transport.send(patch('/a'), never), transport.send({ method: 'POST', path: '/b', body: '' }, never)];
    const { status, lines } = await transport.stream({ method: 'GET', path: '/watch' }, never);
    await collect(lines);
    assert.deepEqual([status, ...(await Promise.all(both)).map((one) => one.status)], [201, 201, 201]);
    assert.ok(performance.now() - startedMs < 500);
    assert.deepEqual([served.requests.length, served.sockets.length], [7, 2]);
  });
}

test('REFUSED_STREAM is tried again, also for a PATCH and a stream; after a while it is an error', async (t) => {
  let refusing = true;
  const served = await serveHttp2(t, (stream, _, count) => {
    if (refusing && count % 3 !== 0) stream.close(7);
    else reply(stream, 200);
  });
  const transport = secureTransport(t, served.url);
  assert.equal((await transport.send(patch('/x'), never)).status, 200);
  assert.equal((await transport.stream(get, never)).status, 200);
  assert.deepEqual([served.requests.length, served.sockets.length], [6, 1]);
  refusing = false;
  const always = await serveHttp2(t, (stream) => stream.close(7));
  await assert.rejects(secureTransport(t, always.url).stream(get, never), { code: 'refused', message: /cut again/ });
  assert.equal(always.requests.length, 6);
});

type Cut = (stream: http2.ServerHttp2Stream, served: Awaited<ReturnType<typeof serveHttp2>>) => void;

const cuts: readonly (readonly [string, Cut])[] = [
  ['closed', (_, { sockets }) => sockets[0]?.destroy()],
  ['reset', (_, { sockets }) => sockets[0]?.resetAndDestroy()],
  [
    'reset after the announcement of its end',
    (stream, { sockets }) => {
      stream.session?.goaway(0, stream.id ?? 0);
      setTimeout(() => sockets[0]?.resetAndDestroy(), 10);
    },
  ],
  [
    'closed after the announcement of its end',
    (stream, { sockets }) => {
      stream.session?.goaway(0, stream.id ?? 0);
      setTimeout(() => sockets[0]?.destroy(), 10);
    },
  ],
  ['ended with an error of the protocol', (stream) => stream.session?.goaway(2, stream.id ?? 0)],
];

for (const [name, cut] of cuts) {
  for (const begun of [false, true]) {
    test(`a connection that is ${name}, ${begun ? 'in the middle of' : 'before'} the answers: tried again`, async (t) => {
      const served = await serveHttp2(t, (stream, _, count) => {
        if (count > 3) return reply(stream, 200, { ok: true });
        if (begun) {
          stream.respond({ ':status': 200 });
          stream.write('{"ok"');
        }
        if (count === 3) setTimeout(() => cut(stream, served), 10);
      });
      const transport = secureTransport(t, served.url);
      const answers = await Promise.all(['/a', '/b', '/c'].map((path) => transport.send(patch(path), never)));
      assert.deepEqual(
        answers.map(({ text }) => text),
        Array(3).fill('{"ok":true}'),
      );
      assert.deepEqual([served.requests.length, served.sockets.length], [6, 2]);
    });

    if (!begun) continue;
    test(`a log on a connection that is ${name} is no whole log`, async (t) => {
      const served = await serveHttp2(t, (stream) => {
        stream.respond({ ':status': 200 });
        stream.write('one\ntw');
        setTimeout(() => cut(stream, served), 20);
      });
      const { lines } = await secureTransport(t, served.url).stream({ ...get, quiet: true }, never);
      await assert.rejects(collect(lines), { code: 'ECONNRESET' });
    });
  }
}

test('the time limit of a call that was refused ends with it: its connection is doubted by nobody', async (t) => {
  const served = await serveHttp2(t, (stream, _, count) => {
    if (count === 1) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
    else reply(stream, 200);
  });
  const transport = secureTransport(t, served.url, { requestMs: 500 });
  assert.equal((await transport.send(get, never)).status, 200);
  // Beyond the limit of the first call: nothing happens that could be awaited.
  await tick(600);
  assert.equal((await transport.send(get, never)).status, 200);
  assert.equal(served.sockets.length, 1);
});

test('nothing of a call stays with the signal that could have ended it', async (t) => {
  const served = await serveHttp2(t, (stream) => reply(stream, 200));
  const transport = secureTransport(t, served.url);
  const { signal } = new AbortController();
  for (let count = 0; count < 3; count += 1) await transport.send(get, signal);
  // The last one's stream closes after its answer was read.
  for (let count = 0; getEventListeners(signal, 'abort').length > 0; count += 1) {
    assert.ok(count < 200, 'they stay');
    await tick();
  }
});

test('an answer that the server takes back is no whole answer', async (t) => {
  const served = await serveHttp2(t, (stream, _, count) => {
    if (count > 1) return reply(stream, 200, { ok: true });
    stream.respond({ ':status': 200, 'content-length': 100 });
    stream.write('{"ok"');
    setTimeout(() => stream.destroy(new Error('a handler that panics')), 10);
  });
  assert.equal((await secureTransport(t, served.url).send(get, never)).text, '{"ok":true}');
  assert.equal(served.requests.length, 2);
});

test('an answer that the server cancels in the middle is no whole answer, though Node ends it like one', async (t) => {
  const served = await serveHttp2(t, (stream, _, count) => {
    if (count > 1) return reply(stream, 200, { ok: true });
    stream.respond({ ':status': 200 });
    // The code that Node sends for a stream that is aborted: CANCEL.
    const controller = new AbortController();
    addAbortSignal(controller.signal, stream);
    stream.write('{"ok":false}', () => setTimeout(() => controller.abort(), 10));
  });
  assert.equal((await secureTransport(t, served.url).send(get, never)).text, '{"ok":true}');
  assert.equal(served.requests.length, 2);
});

test('no answer in time on a connection that is dead: the next request has another one', async (t) => {
  const served = await serveHttp2(t, (stream) => reply(stream, 200));
  const network = await startNetwork(t, served.url);
  const transport = secureTransport(t, network.url, { requestMs: 150 });
  await transport.send(get, never);
  network.lose();
  await assert.rejects(transport.send(get, never), { code: 'refused', message: /no answer in time/ });
  assert.equal((await transport.send(get, never)).status, 200);
  network.lose();
  // Patience goes on by itself.
  assert.equal((await transport.send({ ...get, patienceMs: 5_000 }, never)).status, 200);
  assert.equal(network.sockets.length, 3);
});

test('a stream that meets the end of an old connection has a new one', async (t) => {
  const served = await serveHttp2(t, (stream, { ':path': path }, count) => {
    if (path === '/x') return reply(stream, 200);
    if (count === 2) served.sockets[0]?.resetAndDestroy();
    else if (count === 3) reply(stream, 200);
    else served.sockets.at(-1)?.resetAndDestroy();
  });
  const transport = secureTransport(t, served.url);
  const watch: ApiRequest = { method: 'GET', path: '/watch' };
  await transport.send(get, never);
  const { status, lines } = await transport.stream(watch, never);
  assert.deepEqual([status, await collect(lines)], [200, ['{}']]);
  await assert.rejects(transport.stream(watch, never), { code: 'refused', message: /cut again and again/ });
  assert.deepEqual([served.requests.length, served.sockets.length], [5, 3]);
});

test('no answer in time of a server that lives: others on its connection go on, new ones have another', async (t) => {
  let tail: http2.ServerHttp2Stream | undefined;
  const served = await serveHttp2(t, (stream, { ':path': path }) => {
    if (path === '/slow') return;
    if (path === '/x') return reply(stream, 200);
    tail = stream;
    stream.respond({ ':status': 200 });
    const timer = setInterval(() => stream.write('line\n'), 20);
    stream.on('close', () => clearInterval(timer));
  });
  const transport = secureTransport(t, served.url, { requestMs: 150 });
  const { lines } = await transport.stream({ method: 'GET', path: '/stream' }, never);
  await assert.rejects(transport.send({ method: 'GET', path: '/slow' }, never), { message: /no answer in time/ });
  assert.equal((await transport.send(get, never)).status, 200);
  assert.equal(served.sockets.length, 2);
  setTimeout(() => tail?.end('last\n'), 50);
  assert.equal((await collect(lines)).at(-1), 'last');
});

test('an answer that stops in the middle: no answer in time', async (t) => {
  const served = await serveHttp2(t, (stream) => {
    stream.respond({ ':status': 200 });
    stream.write('{"a":');
  });
  await assert.rejects(secureTransport(t, served.url, { requestMs: 60 }).send(get, never), {
    message: /no answer in time/,
  });
});

test('a watch in silence is kept alive by pings, and ends where nobody answers them', async (t) => {
  let pings = 0;
  const served = await serveHttp2(t, (stream) => {
    stream.session?.on('ping', () => (pings += 1));
    stream.respond({ ':status': 200 });
    stream.write('{"type":"BOOKMARK","object":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}}\n');
  });
  const network = await startNetwork(t, served.url);
  const transport = secureTransport(t, network.url, { watchMs: 60_000, pingMs: 40, pongMs: 60 });
  const events = watchLines(transport, get, 'watch', never)[Symbol.asyncIterator]();
  assert.equal((await events.next()).done, false);
  const end = events.next();
  await tick(300);
  assert.ok(pings >= 3 && pings <= 8, `${pings} pings`);
  const startedMs = performance.now();
  network.lose();
  assert.equal((await end).done, true);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs > 50 && tookMs < 600, `${tookMs} ms`);
});

test('a quiet stream goes on while the server lives, and ends when it does not', async (t) => {
  let lives = true;
  let asked = 0;
  const served = await serveHttp2(t, (stream, { ':path': path }) => {
    if (path === '/version') {
      asked += 1;
      if (!lives) return;
      reply(stream, 403);
      if (asked === 3) setImmediate(() => open?.write('after the silence\n'));
    } else {
      stream.respond({ ':status': 200 });
      stream.write('one\n');
      open = stream;
    }
  });
  let open: http2.ServerHttp2Stream | undefined;
  const transport = secureTransport(t, served.url, { quietMs: 20, requestMs: 1_000, watchMs: 10 });
  const heard = (count: number): void => {
    lives = count < 2;
  };
  const read = await readUntilLost(transport, heard, { message: 'no answer in time' });
  assert.deepEqual(read, ['one', 'after the silence']);
});
