import assert from 'node:assert/strict';
import type http from 'node:http';
import { type TestContext, test } from 'node:test';
import { type LogAnswer, type LogOptions, readLog } from '../../../src/cluster/logs.ts';
import { closed, collect, json, never, type Served, serve, transportTo } from './helpers.ts';

const pod = { namespace: 'n', name: 'web/1' };

type Answer = (response: http.ServerResponse) => void;

async function logOf(
  t: TestContext,
  answer: Answer,
  options: LogOptions = {},
  signal = never,
): Promise<{ log: Promise<LogAnswer>; served: Served }> {
  const served = await serve(t, (request, response) => {
    if (request.url !== '/version') answer(response);
  });
  const timeouts = { requestMs: 2_000, quietMs: 20 };
  return { served, log: readLog(transportTo(t, served.url, undefined, timeouts), pod, options, signal) };
}

function linesOf(log: LogAnswer): AsyncIterable<string> {
  return 'lines' in log ? log.lines : assert.fail(log.refusal);
}

test('logs: every option is asked for, what is left out is not', async (t) => {
  const options = {
    container: 'app',
    follow: true,
    previous: false,
    tailLines: 0,
    sinceSeconds: 5,
    sinceTime: '2026-01-01T00:00:00Z',
    timestamps: true,
    limitBytes: 9,
  };
  const { log, served } = await logOf(t, (response) => response.end('one\ntwo\r\n\nthree'), options);
  assert.deepEqual(await collect(linesOf(await log)), ['one', 'two', '', 'three']);
  const { pathname, searchParams } = new URL(served.requests[0]?.slice(4) ?? '', served.url);
  assert.equal(pathname, '/api/v1/namespaces/n/pods/web%2F1/log');
  assert.deepEqual(
    Object.fromEntries(searchParams),
    Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)])),
  );
  const plain = await logOf(t, (response) => response.end());
  assert.deepEqual(await collect(linesOf(await plain.log)), []);
  assert.equal(plain.served.requests[0], 'GET /api/v1/namespaces/n/pods/web%2F1/log');
});

const none: readonly (readonly [status: number, message: string, reason: string])[] = [
  [400, 'container "app" in pod "web" is waiting to start: ContainerCreating', 'waiting'],
  [400, 'container "app" in pod "web" is waiting to start: trying and failing to pull image', 'waiting'],
  [400, 'container "app" in pod "web" is terminated', 'waiting'],
  [400, 'previous terminated container "app" in pod "web" not found', 'no-previous'],
  [400, 'pod "web" cannot be found - no logs available', 'no-pod'],
  [404, 'pods "web" not found', 'no-pod'],
];

for (const [status, message, reason] of none) {
  test(`no log is data: ${message}`, async (t) => {
    const { log } = await logOf(t, (response) => json(response, status, { code: status, message }));
    assert.deepEqual(await log, { refusal: message, reason });
  });
}

test('a pod that is not on a node yet', async (t) => {
  const { log, served } = await logOf(t, (response) => response.writeHead(204).end());
  assert.deepEqual(await log, { refusal: 'pod "web/1" is not on a node yet', reason: 'waiting' });
  await closed(served.sockets[0]);
});

for (const [status, message, error, transient] of [
  [400, 'container zz is not valid for pod web', 'The cluster refused to show the log of Pod n/web/1.', false],
  [403, 'no', 'You are not allowed to show the log of Pod n/web/1.', false],
  [500, 'dial tcp: connection refused', 'The cluster refused to show the log of Pod n/web/1.', true],
] as const) {
  test(`another refusal is an error: ${status}`, async (t) => {
    const { log } = await logOf(t, (response) => json(response, status, { code: status, message }));
    await assert.rejects(log, { code: 'refused', message: error, why: `${status}: ${message}`, transient });
  });
}

test('a connection that breaks throws, after the lines that came', async (t) => {
  const { log } = await logOf(t, (response) => {
    response.writeHead(200).write('one\ntw');
    setImmediate(() => response.destroy());
  });
  const read: string[] = [];
  await assert.rejects(
    async () => {
      for await (const line of linesOf(await log)) read.push(line);
    },
    { code: 'refused', message: 'The connection for the log of Pod n/web/1 broke off.', transient: true },
  );
  assert.deepEqual(read, ['one']);
});

test('following ends where the server is dead', async (t) => {
  const { log } = await logOf(t, (response) => response.writeHead(200).flushHeaders(), { follow: true });
  await assert.rejects(collect(linesOf(await log)), { code: 'refused', why: 'no answer in time' });
});

test('an abort ends the lines and closes the connection', async (t) => {
  const controller = new AbortController();
  const { log, served } = await logOf(
    t,
    (response) => {
      response.writeHead(200).write('one\n');
    },
    { follow: true },
    controller.signal,
  );
  const read: string[] = [];
  for await (const line of linesOf(await log)) {
    read.push(line);
    controller.abort();
  }
  assert.deepEqual(read, ['one']);
  await closed(served.sockets[0]);
});
