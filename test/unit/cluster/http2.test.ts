import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type http2 from 'node:http2';
import { join } from 'node:path';
import { test } from 'node:test';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { openLink } from '../../../src/cluster/link.ts';
import { DeployError } from '../../../src/errors.ts';
import { closed, collect, get, never } from './helpers.ts';
import { listen, reply, secureTransport, serveHttp1, serveHttp2 } from './http2-server.ts';
import { tlsPair } from './tls-pair.ts';

const tick = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (isSo: () => boolean): Promise<void> => {
  for (let count = 0; !isSo(); count += 1) {
    assert.ok(count < 1_000, 'it never was');
    await tick();
  }
};

test('a request arrives with method, path, query, body and headers, and its answer comes back whole', async (t) => {
  let seen: unknown;
  const { url } = await serveHttp2(t, (stream, headers) => {
    let body = '';
    stream.on('data', (chunk: Buffer) => (body += chunk.toString()));
    stream.on('end', () => {
      seen = { ...Object.fromEntries(Object.entries(headers)), body };
      stream.respond({ ':status': 201, warning: '299 - "one, with a comma", 299 - "two"' });
      stream.write('{"é":');
      stream.end('1}');
    });
  });
  const credentials = { headers: { Authorization: 'Bearer t', Connection: 'keep-alive' }, tls: { ca: tlsPair.cert } };
  const transport = secureTransport(t, `${url}/k8s/clusters/c/`, {}, () => Promise.resolve(credentials));
  const body = '{"a":"é"}';
  const query = { force: 'true', x: 'a b&c' };
  const answer = await transport.send(
    { method: 'DELETE', path: '/api/v1', query, body, contentType: 'application/p' },
    never,
  );
  assert.deepEqual(answer, { status: 201, text: '{"é":1}', warnings: ['one, with a comma', 'two'] });
  assert.deepEqual(seen, {
    ':method': 'DELETE',
    ':scheme': 'https',
    ':authority': new URL(url).host,
    ':path': '/k8s/clusters/c/api/v1?force=true&x=a+b%26c',
    accept: 'application/json',
    authorization: 'Bearer t',
    'content-type': 'application/p',
    'content-length': '10',
    'user-agent': 'oms-deploy',
    body,
  });
});

test('a header that would break the request is sent to nobody, as over HTTP/1.1', async (t) => {
  const served = await serveHttp2(t, (stream) => reply(stream, 200));
  const tlsOptions = { ca: tlsPair.cert };
  const transport = secureTransport(t, served.url, {}, () =>
    Promise.resolve({ headers: { authorization: 'Bearer two\r\nlines' }, tls: tlsOptions }),
  );
  await assert.rejects(transport.send(get, never), /Invalid character in header/);
  assert.deepEqual(served.requests, []);
});

test('an answer that has ended before anybody reads it is what it was: empty, or cut', {
  timeout: 10_000,
}, async (t) => {
  const { url } = await serveHttp2(t, (stream, headers) => {
    if (headers[':path'] === '/unchanged') stream.respond({ ':status': 304 }, { endStream: true });
    else if (headers[':path'] === '/cut') stream.respond({ ':status': 200 }, { waitForTrailers: false });
    else reply(stream, 200);
    if (headers[':path'] === '/cut') stream.write('half', () => stream.session?.destroy());
  });
  const link = openLink(new URL(url), { ca: tlsPair.cert }, { connectMs: 5_000, pingMs: 5_000, pongMs: 5_000 });
  t.after(() => link.close());
  const ask = (path: string) => {
    const limits = { answerMs: 5_000, idleMs: 5_000 };
    const call = {
      method: 'GET',
      url: new URL(path, url),
      headers: {},
      body: undefined,
      limits,
      isStream: false,
    } as const;
    return link.send(call, never);
  };
  const unchanged = await ask('/unchanged');
  // Frames come in order: what comes after it has come tells that it has.
  assert.equal(await (await ask('/next')).whole(), '{}');
  assert.deepEqual([unchanged.status, await unchanged.whole()], [304, '']);
  const cut = await ask('/cut');
  assert.equal(await (await ask('/next')).whole(), '{}');
  await assert.rejects(cut.whole(), { code: 'ECONNRESET' });
});

/** Answers that take 2 ms, and how many were underway at once. */
function slowAnswers() {
  let inFlight = 0;
  let most = 0;
  const answer = (stream: http2.ServerHttp2Stream): void => {
    inFlight += 1;
    most = Math.max(most, inFlight);
    setTimeout(() => {
      inFlight -= 1;
      reply(stream, 200);
    }, 2);
  };
  return { answer, most: () => most };
}

test('two hundred at once share one connection, 32 in flight', async (t) => {
  const slow = slowAnswers();
  const served = await serveHttp2(t, slow.answer);
  const transport = secureTransport(t, served.url);
  const answers = await Promise.all(Array.from({ length: 200 }, () => transport.send(get, never)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.deepEqual([served.requests.length, served.sockets.length, slow.most()], [200, 1, 32]);
});

test('a server that has too much to do gets fewer at once, and all answers come', async (t) => {
  const first: http2.ServerHttp2Stream[] = [];
  const slow = slowAnswers();
  const answerFirst = (): void => {
    // Those that are refused come before the others.
    for (const [index, stream] of first.entries()) {
      if (index < 12) reply(stream, 429, {}, { 'retry-after': '0.01' });
      else reply(stream, 200);
    }
  };
  const served = await serveHttp2(t, (stream, _, count) => {
    if (count > 32) return slow.answer(stream);
    first.push(stream);
    if (count === 32) answerFirst();
  });
  const transport = secureTransport(t, served.url);
  const answers = await Promise.all(Array.from({ length: 70 }, () => transport.send(get, never)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(served.requests.length, 82);
  // Half of 32; with 70 answers three more at the end.
  assert.ok(slow.most() >= 10 && slow.most() <= 19, `${slow.most()} at once`);
});

test('a server of HTTP/1.1 alone: the connection that asked is used, be it by a request or by a stream', async (t) => {
  const served = await serveHttp1(t, { on: (_, response) => setTimeout(() => response.end('line\n'), 2) });
  const transport = secureTransport(t, served.url);
  for (let count = 0; count < 3; count += 1) assert.equal((await transport.send(get, never)).text, 'line\n');
  assert.equal(served.sockets.length, 1);
  await Promise.all(Array.from({ length: 50 }, () => transport.send(get, never)));
  assert.ok(served.sockets.length <= 16, `${served.sockets.length} connections`);
  const another = secureTransport(t, served.url);
  const before = served.sockets.length;
  assert.deepEqual(await collect((await another.stream(get, never)).lines), ['line']);
  assert.equal(served.sockets.length, before + 1);
});

test('fifty that begin at once with a server of HTTP/1.1 make no connection in vain', async (t) => {
  const served = await serveHttp1(t, { on: (_, response) => setTimeout(() => response.end(), 20) });
  const transport = secureTransport(t, served.url);
  await Promise.all(Array.from({ length: 50 }, () => transport.send(get, never)));
  assert.deepEqual([served.requests.length, served.sockets.length], [50, 16]);
});

test("a server that doesn't know ALPN is spoken to in HTTP/1.1", async (t) => {
  const server = tls.createServer(tlsPair, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}'));
  });
  const { url, sockets } = await listen(t, server);
  assert.equal((await secureTransport(t, url).send(get, never)).text, '{}');
  assert.equal(sockets.length, 1);
});

test('a new token goes on over the connection; new TLS options get another, and the old one ends', async (t) => {
  const served = await serveHttp2(t, (stream, { authorization }) =>
    reply(stream, authorization === 'token 1' ? 401 : 200),
  );
  const asked: boolean[] = [];
  const known = { ca: tlsPair.cert };
  const transport = secureTransport(t, served.url, {}, (renew) => {
    asked.push(renew);
    const renewAtMs = asked.length === 2 ? Date.now() + 50 : Number.POSITIVE_INFINITY;
    const tlsOptions = asked.length === 3 ? { ...known, minVersion: 'TLSv1.2' as const } : { ...known };
    return Promise.resolve({ headers: { authorization: `token ${asked.length}` }, tls: tlsOptions, renewAtMs });
  });
  const answers = await Promise.all(Array.from({ length: 5 }, () => transport.send(get, never)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.deepEqual([asked, served.sockets.length], [[false, true], 1]);
  await tick(60);
  assert.equal((await transport.send(get, never)).status, 200);
  assert.deepEqual([asked.length, served.sockets.length], [3, 2]);
  await closed(served.sockets[0]);
});

test('an abort ends what is in flight, so that the server knows, and what waits is never sent', async (t) => {
  const codes: number[] = [];
  const served = await serveHttp2(t, (stream) => stream.on('close', () => codes.push(stream.rstCode)));
  const transport = secureTransport(t, served.url);
  const controller = new AbortController();
  const all = Array.from({ length: 40 }, () =>
    assert.rejects(transport.send(get, controller.signal), { code: 'interrupted' }),
  );
  all.push(assert.rejects(transport.stream(get, controller.signal), { code: 'interrupted' }));
  await until(() => served.requests.length === 33);
  controller.abort();
  await Promise.all(all);
  await until(() => codes.length === 33);
  await tick(20);
  assert.deepEqual([served.requests.length, served.sockets.length, new Set(codes)], [33, 1, new Set([8])]);
});

test('an abort while the connection is being made ends the waiting, and others wait on', async (t) => {
  const served = await serveHttp2(t, (stream) => reply(stream, 200));
  const transport = secureTransport(t, served.url);
  const controller = new AbortController();
  const gone = assert.rejects(transport.send(get, controller.signal), { code: 'interrupted' });
  const stays = transport.send(get, never);
  controller.abort();
  await gone;
  assert.equal((await stays).status, 200);
  assert.equal(served.requests.length, 1);
});

test('a stream is read as it comes; leaving it ends it at the server, and the connection stays', async (t) => {
  let left = false;
  const served = await serveHttp2(t, (stream, { ':path': path }) => {
    if (path === '/x') return reply(stream, 200);
    stream.respond({ ':status': 200 });
    stream.write('one\ntw');
    setTimeout(() => stream.write('o\nthree'), 10);
    stream.on('close', () => {
      left = true;
    });
  });
  const transport = secureTransport(t, served.url);
  const { status, lines } = await transport.stream({ method: 'GET', path: '/stream' }, never);
  const read: string[] = [];
  for await (const line of lines) {
    read.push(line);
    if (line === 'two') break;
  }
  assert.deepEqual([status, read], [200, ['one', 'two']]);
  await until(() => left);
  assert.equal((await transport.send(get, never)).status, 200);
  assert.equal(served.sockets.length, 1);
});

test('streams leave room for requests, also where the server allows few', async (t) => {
  const answer = (stream: http2.ServerHttp2Stream, { ':path': path }: http2.IncomingHttpHeaders): void => {
    if (path === '/x') return reply(stream, 200);
    stream.respond({ ':status': 200 });
    stream.write('line\n');
  };
  const served = await serveHttp2(t, answer, { settings: { maxConcurrentStreams: 10 } });
  const transport = secureTransport(t, served.url, { requestMs: 2_000 });
  assert.equal((await transport.send(get, never)).status, 200);
  const streams = await Promise.all(
    Array.from({ length: 12 }, () => transport.stream({ method: 'GET', path: '/stream' }, never)),
  );
  await Promise.all(Array.from({ length: 40 }, () => transport.send(get, never)));
  assert.ok(served.sockets.length >= 3 && served.sockets.length <= 8, `${served.sockets.length} connections`);
  for (const { lines } of streams) for await (const _ of lines) break;
});

test('a stream that nobody reads holds its server back, and nobody else', async (t) => {
  let written = 0;
  const served = await serveHttp2(t, (stream, { ':path': path }) => {
    if (path === '/x') return reply(stream, 200, { long: 'x'.repeat(100_000) });
    stream.respond({ ':status': 200 });
    const line = `${'y'.repeat(65_535)}\n`;
    const write = (): void => {
      while (written < 64 * 1024 * 1024) {
        written += line.length;
        if (!stream.write(line)) return void stream.once('drain', write);
      }
    };
    write();
  });
  const transport = secureTransport(t, served.url);
  const { lines } = await transport.stream({ method: 'GET', path: '/stream' }, never);
  const first = lines[Symbol.asyncIterator]();
  await first.next();
  await tick(200);
  assert.ok(written < 16 * 1024 * 1024, `${written} bytes`);
  assert.equal((await transport.send(get, never)).status, 200);
  assert.equal(served.sockets.length, 1);
  await first.return?.();
});

const wrong: readonly (readonly [string, Parameters<typeof secureTransport>[3], RegExp])[] = [
  [
    'a certificate of another CA',
    () => Promise.resolve({ headers: {}, tls: {} }),
    /its certificate isn't signed by the CA of the kubeconfig/,
  ],
  [
    'a certificate of another name',
    () => Promise.resolve({ headers: {}, tls: { ca: tlsPair.cert, servername: 'other' } }),
    /Host: other\. is not in the cert's altnames/,
  ],
];

for (const [name, credentials, message] of wrong) {
  test(`refused as over HTTP/1.1: ${name}`, async (t) => {
    const served = await serveHttp2(t, (stream) => reply(stream, 200));
    await assert.rejects(secureTransport(t, served.url, {}, credentials).send(get, never), {
      code: 'refused',
      message,
    });
    assert.equal(served.sockets.length, 1);
  });
}

test('no certificate is checked where the credentials say so; a server name is asked for', async (t) => {
  const names: unknown[] = [];
  const served = await serveHttp2(t, (stream) => {
    const { socket } = stream.session ?? {};
    names.push(socket instanceof tls.TLSSocket || socket !== undefined ? Reflect.get(socket, 'servername') : undefined);
    reply(stream, 200);
  });
  for (const options of [{ rejectUnauthorized: false }, { ca: tlsPair.cert, servername: 'localhost' }]) {
    const transport = secureTransport(t, served.url, {}, () => Promise.resolve({ headers: {}, tls: options }));
    assert.equal((await transport.send(get, never)).status, 200);
  }
  assert.deepEqual(names, [false, 'localhost']);
});

test('nothing listens, or nobody speaks TLS: as over HTTP/1.1', async (t) => {
  const served = await serveHttp2(t, () => undefined);
  await new Promise((resolve) => served.server.close(resolve));
  await assert.rejects(secureTransport(t, served.url).send(get, never), (error) => {
    assert.ok(error instanceof DeployError);
    assert.equal(error.message, `The cluster at ${served.url} can't be reached: nothing listens there.`);
    return true;
  });
  const net = await import('node:net');
  const mute = await listen(
    t,
    net.createServer((socket) => socket.resume()),
  );
  const startedMs = performance.now();
  const transport = secureTransport(t, mute.url, { connectMs: 40 });
  await assert.rejects(transport.send(get, never), { message: /no answer in time/ });
  await assert.rejects(transport.stream(get, never), { message: /no answer in time/ });
  assert.ok(performance.now() - startedMs < 2_000);
  await Promise.all(mute.sockets.map(closed));
});

for (const how of ['closed', 'idle', 'made for a call that was given up']) {
  test(`the process ends by itself when the transport is ${how}`, { timeout: 20_000 }, async (t) => {
    const served = await serveHttp2(t, (stream, { ':path': path }) => {
      if (path === '/x') return reply(stream, 200);
      stream.respond({ ':status': 200 });
      stream.write('line\n');
    });
    const program = `
      const { createTransport } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/cluster/transport.ts'))});
      const credentials = async () => ({ headers: {}, tls: { rejectUnauthorized: false } });
      const transport = createTransport({ server: ${JSON.stringify(served.url)}, credentials });
      const { signal } = new AbortController();
      if (${how.startsWith('made')}) {
        const given = AbortSignal.timeout(1);
        await transport.send({ method: 'GET', path: '/x' }, given).catch((error) => console.log(error.code));
      } else console.log((await transport.send({ method: 'GET', path: '/x' }, signal)).status);
      if (${how === 'closed'}) {
        const { lines } = await transport.stream({ method: 'GET', path: '/stream' }, signal);
        (async () => { for await (const line of lines) console.log(line); })().catch((error) => console.log(error.code));
        transport.send({ method: 'GET', path: '/stream' }, signal).catch((error) => console.log(error.code));
        setTimeout(() => transport.close(), 100);
      }
    `;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: join(import.meta.dirname, '../../..'),
    });
    const expected: Readonly<Record<string, readonly string[]>> = {
      closed: ['200', 'ECONNRESET', 'interrupted', 'line'],
      idle: ['200'],
    };
    assert.deepEqual(stdout.trim().split('\n').sort(), expected[how] ?? ['interrupted']);
  });
}

test('the process stays while a stream is quiet on a connection that was idle', { timeout: 20_000 }, async (t) => {
  const served = await serveHttp2(t, (stream, { ':path': path }) => {
    if (path === '/x') return reply(stream, 200);
    stream.respond({ ':status': 200 });
    setTimeout(() => stream.end('late\n'), 300);
  });
  const program = `
    const { createTransport } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/cluster/transport.ts'))});
    const credentials = async () => ({ headers: {}, tls: { rejectUnauthorized: false } });
    const transport = createTransport({ server: ${JSON.stringify(served.url)}, credentials });
    const { signal } = new AbortController();
    console.log((await transport.send({ method: 'GET', path: '/x' }, signal)).status);
    transport.stream({ method: 'GET', path: '/stream' }, signal).then(async ({ lines }) => {
      for await (const line of lines) console.log(line);
    });
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: join(import.meta.dirname, '../../..') });
  assert.deepEqual(stdout.trim().split('\n'), ['200', 'late']);
});

test('close ends the connection', { timeout: 2_000 }, async (t) => {
  const served = await serveHttp2(t, (stream) => reply(stream, 200));
  const transport = secureTransport(t, served.url);
  await transport.send(get, never);
  const [socket] = served.sockets;
  assert.ok(socket);
  const end = once(socket, 'close');
  transport.close();
  await end;
});
