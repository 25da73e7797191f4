import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import { test } from 'node:test';
import { startLimit } from '../../../src/cluster/limit.ts';

test('a limit ends what takes longer, and can be called off', async () => {
  const startedMs = performance.now();
  await new Promise<void>((resolve) => startLimit(40, resolve));
  assert.ok(performance.now() - startedMs >= 35);
  const stop = startLimit(5, () => assert.fail('it was called off'));
  stop();
  await new Promise((resolve) => setTimeout(resolve, 30));
});

test('what came while the process was busy is heard before the limit is over', async (t) => {
  const server = createServer((socket) => socket.end('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const socket = connectTcp(address.port, '127.0.0.1');
  const heard = once(socket, 'data');
  const over = new Promise<'over'>((resolve) => startLimit(100, () => resolve('over')));
  // Four times the limit: a timer of its own would be over before anything is heard.
  const untilMs = performance.now() + 400;
  while (performance.now() < untilMs);
  assert.notEqual(await Promise.race([heard, over]), 'over');
});
