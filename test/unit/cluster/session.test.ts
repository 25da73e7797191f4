import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessions, type Session } from '../../../src/cluster/session.ts';

const limits = { connectMs: 1000, pingMs: 1000, pongMs: 1000 };
const unauthorized = { isRefused: (status: number) => status === 401, drop: () => undefined };

test('requests that are refused in one moment ask for new credentials once', async () => {
  const asked: boolean[] = [];
  const credentials = async (renew: boolean) => {
    asked.push(renew);
    return { headers: { token: String(asked.length) }, tls: {} };
  };
  const sessions = createSessions(new URL('https://127.0.0.1:1'), credentials, limits);
  const used: (string | undefined)[] = [];
  const ask = async ({ headers }: Session): Promise<number> => {
    used.push(headers.token);
    return 401;
  };
  const { signal } = new AbortController();
  const answers = await Promise.all([1, 2, 3].map(() => sessions.ask(ask, unauthorized, signal)));
  assert.deepEqual(answers, [401, 401, 401]);
  assert.deepEqual(asked, [false, true]);
  assert.deepEqual(used, ['1', '1', '1', '2', '2', '2']);
  // They have just been refused: nobody is asked a third time.
  assert.equal(await sessions.ask(ask, unauthorized, signal), 401);
  assert.deepEqual(asked, [false, true]);
  sessions.close();
});

test('a request that new credentials do not help either asks for no others, even while those who asked wait', async () => {
  const asked: boolean[] = [];
  const credentials = async (renew: boolean) => {
    asked.push(renew);
    return { headers: { token: String(asked.length) }, tls: {} };
  };
  const sessions = createSessions(new URL('https://127.0.0.1:1'), credentials, limits);
  const { signal } = new AbortController();
  const refused = async (): Promise<number> => 401;
  // The second request begins and ends while the first one is asked with the new credentials.
  const first = await sessions.ask(
    ({ headers }) => (headers.token === '1' ? refused() : sessions.ask(refused, unauthorized, signal)),
    unauthorized,
    signal,
  );
  assert.equal(first, 401);
  assert.deepEqual(asked, [false, true]);
  sessions.close();
});
