import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { WebSocket } from 'ws';
import { type ExecResult, readExit, runInPod } from '../../../src/cluster/exec.ts';
import { json, never, type Served, serve, serveSockets, transportTo } from './helpers.ts';

const pod = { namespace: 'n', name: 'web' };
const v5 = ['v5.channel.k8s.io'];
const success = '{"metadata":{},"status":"Success"}';
const exit = (code: string): string =>
  JSON.stringify({
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: 'ExitCode', message: code }] },
  });

const exits: readonly (readonly [string, string, ReturnType<typeof readExit>])[] = [
  ['success', success, { exitCode: 0 }],
  ['an exit code', exit('42'), { exitCode: 42 }],
  ['a failure to start', '{"status":"Failure","reason":"InternalError","message":"not found"}', { why: 'not found' }],
  ['a cause without a code', exit(''), { why: 'command terminated with non-zero exit code: exit status ' }],
  [
    'the words of kwok',
    '{"status":"Failure","message":"error executing command in container: cmd wait: sh -c a\\nb: exit status 3"}',
    { exitCode: 3 },
  ],
  [
    'the words of a runtime that failed',
    '{"status":"Failure","message":"runc: exit status 1"}',
    { why: 'runc: exit status 1' },
  ],
  ['text (v1 of the protocol)', 'cannot exec', { why: 'cannot exec' }],
  ['nothing', '', undefined],
];

for (const [name, text, expected] of exits) {
  test(`the status channel says: ${name}`, () => assert.deepEqual(readExit(text), expected));
}

const frame = (channel: number, text: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from([channel]), Buffer.from(text)]);

async function run(
  t: TestContext,
  talk: (socket: WebSocket) => void,
  known: readonly string[] = v5,
  signal = never,
): Promise<{ result: Promise<ExecResult>; served: Served }> {
  const served = await serveSockets(t, known, talk);
  const timeouts = { pingMs: 150, requestMs: 2_000 };
  return {
    served,
    result: runInPod(transportTo(t, served.url, undefined, timeouts), pod, 'app', ['sh', '-c', 'a b'], signal),
  };
}

for (const known of [v5, ['v4.channel.k8s.io']]) {
  test(`exec: both outputs and the exit code, by ${known[0]}`, async (t) => {
    const { result, served } = await run(
      t,
      (socket) => {
        for (const [channel, text] of [
          [1, ''],
          [2, ''],
          [1, 'out '],
          [2, 'err'],
          [255, 'x'],
          [1, 'é'],
          [3, exit('7')],
        ] as const)
          socket.send(frame(channel, text));
        socket.send(Buffer.alloc(0));
        socket.close(1000);
      },
      known,
    );
    assert.deepEqual(await result, { exitCode: 7, stdout: 'out é', stderr: 'err' });
    assert.equal(
      served.requests[0],
      'GET /api/v1/namespaces/n/pods/web/exec?container=app&command=sh&command=-c&command=a+b&stdout=true&stderr=true',
    );
  });
}

test('exec: the first 64 KiB of each output are kept, whole characters only', async (t) => {
  const { result } = await run(t, (socket) => {
    for (let i = 0; i < 5; i += 1) {
      socket.send(frame(1, 'x'.repeat(16_383)));
      socket.send(frame(2, 'y'));
    }
    socket.send(frame(1, 'lost'));
    socket.send(frame(3, success));
    socket.close(1000);
  });
  const { stdout, stderr } = await result;
  assert.deepEqual([stdout, stderr], ['x'.repeat(65_536), 'yyyyy']);
  const cut = await run(t, (socket) => {
    socket.send(frame(1, `${'x'.repeat(65_535)}é`));
    socket.send(frame(3, success));
  });
  assert.equal((await cut.result).stdout, 'x'.repeat(65_535));
});

test('exec: a status in two parts, from a server that leaves the end to us', async (t) => {
  const { result } = await run(t, (socket) => {
    socket.send(frame(3, exit('9').slice(0, 20)));
    socket.send(frame(3, exit('9').slice(20)));
  });
  assert.equal((await result).exitCode, 9);
});

test('exec: a command that could not be started', async (t) => {
  const { result } = await run(t, (socket) => {
    socket.send(frame(3, '{"status":"Failure","message":"executable file not found"}'));
    socket.close(1000);
  });
  await assert.rejects(result, {
    code: 'refused',
    message: 'The cluster could not run sh in container app of Pod n/web.',
    why: 'executable file not found',
  });
});

for (const [name, end, why] of [
  ['is cut', (socket: WebSocket) => socket.terminate(), /cut \(1006\)/],
  ['ends without a status', (socket: WebSocket) => socket.close(1000), /without saying how/],
  ['ends with a reason', (socket: WebSocket) => socket.close(1011, 'kubelet gone'), /^kubelet gone$/],
] as const) {
  test(`exec: a connection that ${name}`, async (t) => {
    const { result } = await run(t, end);
    await assert.rejects(result, { code: 'refused', message: /did not run sh .* to its end/, why, transient: true });
  });
}

test('exec: a server that no longer answers pings', async (t) => {
  const { result } = await run(t, (socket) => socket.pause());
  await assert.rejects(result, { code: 'refused', transient: true });
});

test('exec: a silent command is not cut while pings are answered', async (t) => {
  const { result } = await run(t, (socket) => {
    let pings = 0;
    socket.on('ping', () => {
      pings += 1;
      if (pings === 5) socket.send(frame(3, success));
    });
  });
  assert.equal((await result).exitCode, 0);
});

test('exec: an abort ends it, before it is open and after', async (t) => {
  const controller = new AbortController();
  const { result } = await run(t, () => setImmediate(() => controller.abort()), v5, controller.signal);
  await assert.rejects(result, { code: 'interrupted' });
  await assert.rejects((await run(t, () => undefined, v5, controller.signal)).result, { code: 'interrupted' });
  const silent = await serve(t, () => undefined);
  const early = new AbortController();
  silent.server.on('upgrade', () => early.abort());
  const pending = runInPod(transportTo(t, silent.url), pod, 'app', ['ls'], early.signal);
  await assert.rejects(pending, { code: 'interrupted' });
});

test('a socket that is refused: the Status is told, a 401 gets new credentials once', async (t) => {
  const served = await serve(t, (request, response) => {
    if (request.headers.authorization === 'token 2') json(response, 403, { code: 403, message: 'no exec for you' });
    else json(response, 401, {});
  });
  let asked = 0;
  const transport = transportTo(t, served.url, () => {
    asked += 1;
    return Promise.resolve({ headers: { authorization: `token ${asked}` }, tls: {} });
  });
  await assert.rejects(runInPod(transport, pod, 'app', ['ls'], never), {
    code: 'refused',
    message: 'You are not allowed to run ls in container app of Pod n/web.',
    why: '403: no exec for you',
  });
  assert.deepEqual([asked, served.requests.length], [2, 2]);
});

test('a socket to a server that takes the connection and says nothing, and to none', async (t) => {
  const { url, server, sockets } = await serve(t, () => undefined);
  server.on('upgrade', () => undefined);
  const transport = transportTo(t, url, undefined, { requestMs: 40 });
  await assert.rejects(runInPod(transport, pod, 'app', ['ls'], never), {
    code: 'refused',
    message: /no answer in time/,
  });
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  await assert.rejects(runInPod(transport, pod, 'app', ['ls'], never), { code: 'refused', message: /nothing listens/ });
});

test('a socket to a server that knows no protocol of ours', async (t) => {
  const { result } = await run(t, () => undefined, []);
  await assert.rejects(result, { code: 'refused', message: /subprotocol/ });
});
