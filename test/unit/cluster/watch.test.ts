import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { Timeouts } from '../../../src/cluster/transport.ts';
import { type WatchEvent, watchLines, watchStream } from '../../../src/cluster/watch.ts';
import { closed, json, never, serve, transportTo } from './helpers.ts';

const object = (name: string): unknown => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });
const line = (type: string, body: unknown): string => JSON.stringify({ type, object: body });
const status = (code: number): unknown => ({ kind: 'Status', code, message: 'too old resource version' });

/** `type name` of each event that lines give. */
async function eventsIn(lines: readonly string[], httpStatus = 200, fails = false): Promise<readonly string[]> {
  async function* source(): AsyncIterable<string> {
    yield* lines;
    if (fails) throw new Error('aborted');
  }
  const events: string[] = [];
  for await (const event of watchStream({ status: httpStatus, lines: source() }, 'watch')) {
    events.push(event.type === 'gone' ? 'gone' : `${event.type} ${event.object.metadata.name}`);
  }
  return events;
}

const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'changes and bookmarks',
    [
      line('ADDED', object('a')),
      '',
      line('MODIFIED', object('a')),
      line('BOOKMARK', object('')),
      line('DELETED', object('a')),
    ],
    ['ADDED a', 'MODIFIED a', 'BOOKMARK ', 'DELETED a'],
  ],
  ['ERROR 410 ends it as gone', [line('ERROR', status(410)), line('ADDED', object('a'))], ['gone']],
  [
    'another ERROR ends it',
    [line('ADDED', object('a')), line('ERROR', status(500)), line('ADDED', object('b'))],
    ['ADDED a'],
  ],
  ['a line that is cut off ends it', [line('ADDED', object('a')), '{"type":"MODIF'], ['ADDED a']],
  [
    'an unknown type and what is no object are passed over',
    [line('NEWS', object('a')), line('ADDED', 'x'), 'null', '5', line('ADDED', object('b'))],
    ['ADDED b'],
  ],
  ['nothing', [], []],
];

for (const [name, lines, expected] of cases) {
  test(`watch: ${name}`, async () => assert.deepEqual(await eventsIn(lines), expected));
}

test('watch: a connection that breaks ends it', async () => {
  assert.deepEqual(await eventsIn([line('ADDED', object('a'))], 200, true), ['ADDED a']);
});

const get = { method: 'GET', path: '/x' } as const;

const nameOf = (event: WatchEvent): string =>
  event.type === 'gone' ? 'gone' : `${event.type} ${event.object.metadata.name}`;

/** What a watch of the server yields; it must end by itself. */
async function watched(
  t: TestContext,
  answer: Parameters<typeof serve>[1],
  timeouts: Partial<Timeouts> = {},
): Promise<readonly string[]> {
  const { url, sockets } = await serve(t, answer);
  const events: string[] = [];
  const watch = watchLines(transportTo(t, url, undefined, timeouts), get, 'watch Pods', never);
  for await (const event of watch) events.push(nameOf(event));
  await Promise.all(sockets.map(closed));
  return events;
}

const added = `${line('ADDED', object('a'))}\n`;

test('watch: a server that takes the connection and says nothing ends it', async (t) => {
  assert.deepEqual(await watched(t, () => undefined, { requestMs: 1_000 }), []);
});

test('watch: headers and then nothing end it', async (t) => {
  assert.deepEqual(await watched(t, (_, response) => response.writeHead(200).flushHeaders(), { watchMs: 40 }), []);
});

test('watch: silence after a change, or in mid-line, ends it', async (t) => {
  assert.deepEqual(await watched(t, (_, response) => response.writeHead(200).write(`${added}{"ty`), { watchMs: 40 }), [
    'ADDED a',
  ]);
});

test('watch: changes that come slowly keep it', async (t) => {
  const events = await watched(
    t,
    (_, response) => {
      response.writeHead(200);
      let count = 0;
      const timer = setInterval(() => {
        count += 1;
        if (count > 8) clearInterval(timer);
        else response.write(added);
      }, 70);
    },
    { watchMs: 500 },
  );
  assert.equal(events.length, 8);
});

test('watch: ERROR 410 in the stream and as the answer are gone', async (t) => {
  const error = `${line('ERROR', status(410))}\n`;
  assert.deepEqual(await watched(t, (_, response) => response.writeHead(200).write(added + error)), [
    'ADDED a',
    'gone',
  ]);
  assert.deepEqual(await watched(t, (_, response) => json(response, 410, status(410))), ['gone']);
});

for (const code of [429, 500, 503]) {
  test(`watch: the answer ${code} ends it`, async (t) => {
    assert.deepEqual(await watched(t, (_, response) => json(response, code, status(code))), []);
  });
}

test('watch: 403 is refused', async (t) => {
  const watching = watched(t, (_, response) => json(response, 403, { code: 403, message: 'no' }));
  await assert.rejects(watching, { code: 'refused', message: 'You are not allowed to watch Pods.' });
});

test('watch: nothing listens: the caller decides', async (t) => {
  const { url, server } = await serve(t, () => undefined);
  await new Promise((resolve) => {
    server.close(resolve);
  });
  const watch = watchLines(transportTo(t, url), get, 'watch Pods', never);
  await assert.rejects(watch[Symbol.asyncIterator]().next(), { code: 'refused', transient: true });
});

test('watch: an abort ends it, before the headers and after, and lets go of the connection', async (t) => {
  for (const begin of [() => undefined, (response: ServerResponse) => response.writeHead(200).flushHeaders()]) {
    const controller = new AbortController();
    const { url, sockets } = await serve(t, (_, response) => {
      begin(response);
      setImmediate(() => controller.abort());
    });
    for await (const event of watchLines(transportTo(t, url), get, 'watch', controller.signal)) assert.fail(event.type);
    await closed(sockets[0]);
  }
});

test('watch: a server that dies in mid-line, and a signal that fires', async (t) => {
  const { url } = await serve(t, (request, response, count) => {
    response.writeHead(200).write(`${line('ADDED', object('a'))}\n{"type":`);
    if (count === 1) setTimeout(() => request.socket.destroy(), 5);
  });
  for (const controller of [new AbortController(), new AbortController()]) {
    const stream = await transportTo(t, url).stream({ method: 'GET', path: '/x' }, controller.signal);
    const events: string[] = [];
    for await (const event of watchStream(stream, 'watch')) {
      events.push(event.type);
      setTimeout(() => controller.abort(), 20);
    }
    assert.deepEqual(events, ['ADDED']);
  }
});
