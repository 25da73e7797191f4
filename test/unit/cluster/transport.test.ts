import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { DeployError } from '../../../src/errors.ts';
import { closed, collect, get, json, never, readUntilLost, serve, transportTo } from './helpers.ts';

/** The server asks for a short pause, so that the tests need not sleep. */
const soon = { 'retry-after': '0.01' };

test('a request arrives with method, path, query, body and headers, and its answer comes back whole', async (t) => {
  let seen: unknown;
  const { url } = await serve(t, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const {
        accept,
        authorization,
        'content-type': type,
        'content-length': length,
        'user-agent': agent,
      } = request.headers;
      seen = { method: request.method, url: request.url, body, accept, authorization, type, length, agent };
      response.writeHead(201).write('{"é":');
      response.end('1}');
    });
  });
  const transport = transportTo(t, `${url}/k8s/clusters/c/`, () =>
    Promise.resolve({ headers: { authorization: 'Bearer t' }, tls: {} }),
  );
  const answer = await transport.send(
    {
      method: 'PATCH',
      path: '/api/v1',
      query: { force: 'true', x: 'a b&c' },
      body: '{"a":"é"}',
      contentType: 'application/p',
    },
    never,
  );
  assert.deepEqual(answer, { status: 201, text: '{"é":1}', warnings: [] });
  assert.deepEqual(seen, {
    method: 'PATCH',
    url: '/k8s/clusters/c/api/v1?force=true&x=a+b%26c',
    body: '{"a":"é"}',
    accept: 'application/json',
    authorization: 'Bearer t',
    type: 'application/p',
    length: '10',
    agent: 'oms-deploy',
  });
});

for (const status of [408, 429, 500, 502, 503, 504]) {
  test(`${status} is tried again, after the time that the server asks for`, async (t) => {
    const served = await serve(t, (_, response, count) =>
      count < 4 ? json(response, status, { message: 'busy' }, soon) : json(response, 200, {}),
    );
    const startedMs = performance.now();
    const { status: answered } = await transportTo(t, served.url).send(get, never);
    assert.equal(answered, 200);
    assert.equal(served.requests.length, 4);
    // Our own pauses alone would add up to at least 0.75 * (150 + 300 + 600) ms.
    assert.ok(performance.now() - startedMs < 700);
  });
}

test('without Retry-After the pauses are our own', async (t) => {
  const { url } = await serve(t, (_, response, count) => json(response, count === 1 ? 503 : 200, {}));
  const startedMs = performance.now();
  assert.equal((await transportTo(t, url).send(get, never)).status, 200);
  assert.ok(performance.now() - startedMs > 100);
});

test('after five tries the answer is the answer', async (t) => {
  const served = await serve(t, (_, response) => json(response, 503, { message: 'down' }, soon));
  const { status, text } = await transportTo(t, served.url).send(get, never);
  assert.deepEqual([status, text, served.requests.length], [503, '{"message":"down"}', 5]);
});

for (const [name, status, body] of [
  [
    'a typo in an apply patch (500)',
    500,
    { message: 'failed to create typed patch object (a/b): .x: field not declared' },
  ],
  ['400', 400, {}],
  ['403', 403, {}],
  ['404', 404, {}],
  ['409', 409, {}],
  ['422', 422, {}],
] as const) {
  test(`not tried again: ${name}`, async (t) => {
    const served = await serve(t, (_, response) => json(response, status, body, soon));
    assert.equal((await transportTo(t, served.url).send(get, never)).status, status);
    assert.equal(served.requests.length, 1);
  });
}

test('a 401 gets new credentials, once, for all requests that wait', async (t) => {
  const served = await serve(t, (request, response) =>
    json(response, request.headers.authorization === 'token 2' ? 200 : 401, {}),
  );
  const renewals: boolean[] = [];
  const transport = transportTo(t, served.url, (renew) => {
    renewals.push(renew);
    return Promise.resolve({ headers: { authorization: `token ${renewals.length}` }, tls: {} });
  });
  const answers = await Promise.all(Array.from({ length: 5 }, () => transport.send(get, never)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(5).fill(200),
  );
  assert.equal((await transport.send(get, never)).status, 200);
  assert.deepEqual(renewals, [false, true]);
});

test('several 401 for one token get one new token, also over an agent that keeps its connections', async (t) => {
  const served = await serve(t, (request, response) =>
    json(response, request.headers.authorization === 'token 2' ? 200 : 401, {}),
  );
  const proxyAgent = new http.Agent({ keepAlive: true });
  t.after(() => proxyAgent.destroy());
  const asked: boolean[] = [];
  const transport = transportTo(t, served.url, (renew) => {
    asked.push(renew);
    const agent = Object.assign(Object.create(proxyAgent) as http.Agent, { destroy: () => undefined });
    return Promise.resolve({ headers: { authorization: `token ${asked.length}` }, tls: {}, proxyAgent: agent });
  });
  const answers = await Promise.all(Array.from({ length: 5 }, () => transport.send(get, never)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    Array(5).fill(200),
  );
  assert.deepEqual(asked, [false, true]);
});

test('a second 401 is the end', async (t) => {
  const served = await serve(t, (_, response) => json(response, 401, {}));
  let asked = 0;
  const transport = transportTo(t, served.url, () => {
    asked += 1;
    return Promise.resolve({ headers: {}, tls: {} });
  });
  await assert.rejects(transport.send(get, never), { message: 'The cluster does not accept these credentials.' });
  assert.deepEqual([asked, served.requests.length], [2, 2]);
});

test("a renewal that fails once isn't kept: the next request tries again", async (t) => {
  const served = await serve(t, (request, response) =>
    json(response, request.headers.authorization === 'token 3' ? 200 : 401, {}),
  );
  let asked = 0;
  const transport = transportTo(t, served.url, () => {
    asked += 1;
    if (asked === 2) return Promise.reject(new DeployError('refused', 'the session has expired'));
    return Promise.resolve({ headers: { authorization: `token ${asked}` }, tls: {} });
  });
  await assert.rejects(transport.send(get, never), { message: 'the session has expired' });
  assert.equal((await transport.send(get, never)).status, 200);
});

test("credentials that can't be had: the plugin's own error, and another try the next time", async (t) => {
  const { url } = await serve(t, (_, response) => json(response, 200, {}));
  let asked = 0;
  const transport = transportTo(t, url, () => {
    asked += 1;
    return asked === 1
      ? Promise.reject(new DeployError('refused', 'aws is not installed'))
      : Promise.resolve({ headers: {}, tls: {} });
  });
  await assert.rejects(transport.send(get, never), { message: 'aws is not installed' });
  assert.equal((await transport.send(get, never)).status, 200);
});

test('a connection that is cut, before or in the middle of an answer, is tried again', async (t) => {
  const served = await serve(t, (request, response, count) => {
    if (count === 1) request.socket.resetAndDestroy();
    else if (count === 2) {
      response.writeHead(200, { 'content-length': 100 }).write('{"a"');
      setImmediate(() => request.socket.destroy());
    } else json(response, 200, { ok: true });
  });
  assert.equal((await transportTo(t, served.url).send(get, never)).text, '{"ok":true}');
  assert.equal(served.requests.length, 3);
});

test('nothing listens: refused, with what to check', async (t) => {
  const { url } = await serve(t, () => undefined);
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  await new Promise((resolve) => server.close(resolve));
  const closed = url.replace(/\d+$/, String(address.port));
  await assert.rejects(transportTo(t, closed).send(get, never), (error) => {
    assert.ok(error instanceof DeployError);
    assert.equal(error.code, 'refused');
    assert.equal(error.message, `The cluster at ${closed} can't be reached: nothing listens there.`);
    assert.match(error.fix ?? '', /kubeconfig/);
    return true;
  });
});

test('an abort ends a request, a pause and a stream as interrupted', async (t) => {
  const silent = await serve(t, () => undefined);
  const busy = await serve(t, (_, response) => json(response, 503, {}, { 'retry-after': '10' }));
  for (const [{ url, requests }, how] of [
    [silent, 'send'],
    [busy, 'send'],
    [silent, 'stream'],
  ] as const) {
    const controller = new AbortController();
    const before = requests.length;
    const pending = transportTo(t, url)[how](get, controller.signal);
    const expectation = assert.rejects(pending, { code: 'interrupted' });
    while (requests.length === before) await new Promise((resolve) => setImmediate(resolve));
    setImmediate(() => controller.abort());
    await expectation;
  }
});

test('a signal that has fired already sends nothing', async (t) => {
  const served = await serve(t, (_, response) => json(response, 200, {}));
  await assert.rejects(transportTo(t, served.url).send(get, AbortSignal.abort()), { code: 'interrupted' });
  assert.equal(served.requests.length, 0);
});

const warnings: readonly (readonly [string | readonly string[], readonly string[]])[] = [
  ['299 - "policy/v1beta1 is deprecated"', ['policy/v1beta1 is deprecated']],
  [
    ['299 - "one"', '299 - "two"'],
    ['one', 'two'],
  ],
  ['299 - "one, with a comma", 299 - "two"', ['one, with a comma', 'two']],
  ['299 - "would violate \\"restricted\\" \\\\ x"', ['would violate "restricted" \\ x']],
  ['nonsense', []],
];

for (const [header, texts] of warnings) {
  test(`warnings: ${JSON.stringify(header)}`, async (t) => {
    const { url } = await serve(t, (_, response) => {
      response.setHeader('warning', header);
      json(response, 200, {});
    });
    assert.deepEqual((await transportTo(t, url).send(get, never)).warnings, texts);
  });
}

test('requests one after the other share one connection', async (t) => {
  const served = await serve(t, (_, response) => json(response, 200, { long: 'x'.repeat(10_000) }));
  const transport = transportTo(t, served.url);
  for (let i = 0; i < 20; i += 1) await transport.send(get, never);
  assert.equal(served.requests.length, 20);
  assert.equal(served.sockets.length, 1);
});

test('a hundred at once share at most sixteen, and keep them', async (t) => {
  const served = await serve(t, (_, response) => setTimeout(() => json(response, 200, {}), 2));
  const transport = transportTo(t, served.url);
  const all = (): Promise<unknown> => Promise.all(Array.from({ length: 100 }, () => transport.send(get, never)));
  await all();
  assert.equal(served.requests.length, 100);
  assert.ok(served.sockets.length > 4 && served.sockets.length <= 16, `${served.sockets.length} connections`);
  const before = served.sockets.length;
  await all();
  assert.ok(served.sockets.length <= Math.max(before, 16), `${served.sockets.length} connections`);
});

test('close ends the connections that are kept', { timeout: 2000 }, async (t) => {
  const served = await serve(t, (_, response) => json(response, 200, {}));
  const transport = transportTo(t, served.url);
  await transport.send(get, never);
  const [socket] = served.sockets;
  assert.ok(socket);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  transport.close();
  await closed;
});

test('a stream is read line by line as it comes', async (t) => {
  const { url } = await serve(t, (_, response) => {
    response.writeHead(200).write('one\ntw');
    setImmediate(() => response.end('o\nthree'));
  });
  const { status, lines } = await transportTo(t, url).stream(get, never);
  assert.deepEqual([status, await collect(lines)], [200, ['one', 'two', 'three']]);
});

test('a server that takes the connection and says nothing: no answer in time', async (t) => {
  const { url, sockets } = await serve(t, () => undefined);
  const transport = transportTo(t, url, undefined, { requestMs: 40 });
  await assert.rejects(transport.send(get, never), { code: 'refused', message: /no answer in time/ });
  await assert.rejects(transport.stream(get, never), { code: 'refused', message: /no answer in time/ });
  await Promise.all(sockets.map(closed));
});

test('an answer that stops in the middle: no answer in time', async (t) => {
  const { url } = await serve(t, (_, response) => response.writeHead(200).write('{"a":'));
  const transport = transportTo(t, url, undefined, { requestMs: 40 });
  await assert.rejects(transport.send(get, never), { code: 'refused', message: /no answer in time/ });
});

test('requests that wait for a connection are not counted as silent', async (t) => {
  const { url } = await serve(t, (_, response) => setTimeout(() => json(response, 200, {}), 250));
  const transport = transportTo(t, url, undefined, { requestMs: 1_000 });
  const answers = await Promise.all(Array.from({ length: 80 }, () => transport.send(get, never)));
  assert.ok(answers.every(({ status }) => status === 200));
});

test('any number of streams leaves room for requests', async (t) => {
  const { url } = await serve(t, (request, response) => {
    if (request.url === '/x') json(response, 200, {});
    else response.writeHead(200).write('line\n');
  });
  const transport = transportTo(t, url);
  const streams = await Promise.all(
    Array.from({ length: 40 }, () => transport.stream({ method: 'GET', path: '/stream' }, never)),
  );
  assert.equal((await transport.send(get, never)).status, 200);
  for (const { lines } of streams) for await (const _ of lines) break;
});

test('leaving the lines of a stream closes its connection', async (t) => {
  const { url, sockets } = await serve(t, (_, response) => response.writeHead(200).write('line\n'));
  const { lines } = await transportTo(t, url).stream(get, never);
  for await (const line of lines) {
    assert.equal(line, 'line');
    break;
  }
  await closed(sockets[0]);
});

test('a quiet stream goes on while the server lives, and ends when it does not', async (t) => {
  let lives = true;
  let asked = 0;
  const { url } = await serve(t, (request, response) => {
    if (request.url === '/version') {
      asked += 1;
      if (!lives) return;
      json(response, 403, {});
      if (asked === 3) setImmediate(() => open?.write('after the silence\n'));
    } else {
      response.writeHead(200).write('one\n');
      open = response;
    }
  });
  let open: http.ServerResponse | undefined;
  const transport = transportTo(t, url, undefined, { quietMs: 20, requestMs: 2_000, watchMs: 10 });
  const heard = (count: number): void => {
    lives = count < 2;
  };
  const read = await readUntilLost(transport, heard, { code: 'ETIMEDOUT' });
  assert.deepEqual(read, ['one', 'after the silence']);
});

test('patience outlasts a server that is away, and its first busy answers', async (t) => {
  const served = await serve(t, (_, response, count) => json(response, count < 7 ? 503 : 200, {}, soon));
  const { port } = new URL(served.url);
  const away = await new Promise<net.Server>((resolve) => {
    served.server.close();
    const server = net.createServer((socket) => socket.resetAndDestroy());
    server.listen(Number(port), '127.0.0.1', () => resolve(server));
  });
  let resets = 0;
  away.on('connection', () => {
    resets += 1;
    if (resets === 2) away.close(() => served.server.listen(Number(port), '127.0.0.1'));
  });
  const answer = await transportTo(t, served.url).send({ ...get, patienceMs: 10_000 }, never);
  assert.deepEqual([answer.status, served.requests.length, resets], [200, 7, 2]);
});

test('patience has an end: the last answer, or the last error', async (t) => {
  const busy = await serve(t, (_, response) => json(response, 503, {}, soon));
  assert.equal((await transportTo(t, busy.url).send({ ...get, patienceMs: 500 }, never)).status, 503);
  assert.ok(busy.requests.length > 5, `${busy.requests.length} tries`);
  const silent = await serve(t, () => undefined);
  const transport = transportTo(t, silent.url, undefined, { requestMs: 20 });
  await assert.rejects(transport.send({ ...get, patienceMs: 400 }, never), { message: /no answer in time/ });
  assert.ok(silent.requests.length > 1, `${silent.requests.length} tries`);
});

test('many requests on one signal are no leak', async (t) => {
  const warned: string[] = [];
  const note = (warning: Error): void => {
    warned.push(warning.message);
  };
  process.on('warning', note);
  t.after(() => process.off('warning', note));
  const { url } = await serve(t, (_, response) => json(response, 200, {}));
  const transport = transportTo(t, url);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 15 }, () => transport.send(get, signal)));
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  assert.deepEqual(warned, []);
});

test('50 requests at once ask for credentials once, and once more when these are to be renewed', async (t) => {
  const served = await serve(t, (_, response) => json(response, 200, {}));
  let asked = 0;
  let renewAtMs = Date.now() + 60_000;
  const transport = transportTo(t, served.url, async () => {
    asked += 1;
    await new Promise((later) => setImmediate(later));
    return { headers: { authorization: `token ${asked}` }, tls: {}, renewAtMs };
  });
  const all = (): Promise<unknown> => Promise.all(Array.from({ length: 50 }, () => transport.send(get, never)));
  await all();
  assert.equal(asked, 1);
  renewAtMs = Date.now() + 120_000;
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 61_000 });
  await all();
  assert.equal(asked, 2);
});

test('new credentials that are refused, too, are not renewed again at once', async (t) => {
  const served = await serve(t, (_, response) => json(response, 401, {}));
  let asked = 0;
  const transport = transportTo(t, served.url, () => {
    asked += 1;
    return Promise.resolve({ headers: {}, tls: {} });
  });
  const refused = { message: 'The cluster does not accept these credentials.' };
  await assert.rejects(transport.send(get, never), refused);
  await assert.rejects(transport.send(get, never), refused);
  assert.equal(asked, 2);
  t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 6_000 });
  await assert.rejects(transport.send(get, never), refused);
  assert.equal(asked, 3);
});
