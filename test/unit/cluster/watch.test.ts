import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchStream } from '../../../src/cluster/watch.ts';
import { serve, transportTo } from './helpers.ts';

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
  for await (const event of watchStream({ status: httpStatus, lines: source() })) {
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

test('watch: the answer 410 is gone, another refusal is the end', async () => {
  assert.deepEqual(await eventsIn([line('ADDED', object('a'))], 410), ['gone']);
  assert.deepEqual(await eventsIn([line('ADDED', object('a'))], 503), []);
});

test('watch: a server that dies in mid-line, and a signal that fires', async (t) => {
  const { url } = await serve(t, (request, response, count) => {
    response.writeHead(200).write(`${line('ADDED', object('a'))}\n{"type":`);
    if (count === 1) setTimeout(() => request.socket.destroy(), 5);
  });
  for (const controller of [new AbortController(), new AbortController()]) {
    const stream = await transportTo(t, url).stream({ method: 'GET', path: '/x' }, controller.signal);
    const events: string[] = [];
    for await (const event of watchStream(stream)) {
      events.push(event.type);
      setTimeout(() => controller.abort(), 20);
    }
    assert.deepEqual(events, ['ADDED']);
  }
});
