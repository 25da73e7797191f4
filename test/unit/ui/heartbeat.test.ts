import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import type { DeployEvent } from '../../../src/events.ts';
import { recordedHost, target } from './helpers.ts';

const ref = (name: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name });
const service = (name: string) => ({ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name });
const waiting = (name: string, ready: number): DeployEvent => ({
  type: 'progress',
  object: ref(name),
  count: { desired: 3, updated: 3, ready },
  why: `${ready} of 3 pods ready`,
  elapsedMs: 5_000,
});

/** A run, of plain output where nothing else is said, under a clock of the test's own. */
function clocked(t: TestContext, ...[options = {}, terminal = {}]: Parameters<typeof recordedHost>) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: Date.parse('2026-11-27T12:00:00Z') });
  const { host, err, out } = recordedHost(options, terminal);
  let seen = 0;
  /** What was written since the last look. */
  const news = (): string => {
    const text = err().slice(seen);
    seen = err().length;
    return text;
  };
  return { host, news, out, tick: (seconds: number) => t.mock.timers.tick(seconds * 1000) };
}

test('plain: after 30 s of silence a line names what is waited for, again and again', (t) => {
  const { host, news, tick } = clocked(t);
  host.emit(waiting('web', 1));
  host.emit(waiting('api', 0));
  news();
  tick(29);
  assert.equal(news(), '');
  tick(1);
  assert.equal(news(), '12:00:30 waiting 35s Deployment/web 1/3: 1 of 3 pods ready; also Deployment/api 0/3\n');
  tick(30);
  assert.match(news(), /^12:01:00 waiting 1m 05s Deployment\/web/);
  tick(20);
  host.emit({ type: 'ready', object: ref('web'), detail: '3/3', elapsedMs: 1 });
  assert.match(news(), /^12:01:20 ready/);
  tick(29);
  assert.equal(news(), '', 'a line was written 29 s ago');
  tick(1);
  assert.equal(news(), '12:01:50 waiting 1m 55s Deployment/api 0/3: 0 of 3 pods ready\n');
});

test('plain: what is hidden breaks no silence; without objects the step is named; many are counted', (t) => {
  const { host, news, tick } = clocked(t, { heartbeatMs: 10_000 });
  tick(10);
  assert.equal(news(), '12:00:10 waiting 10s start: AWS and the cluster are asked\n');
  host.emit({ type: 'step', name: 'lock', message: 'kim deploys' });
  tick(9);
  host.emit({ type: 'detail', message: 'hidden' });
  news();
  tick(1);
  assert.equal(news(), '12:00:20 waiting 10s lock: kim deploys\n');
  host.emit({ type: 'target', target });
  news();
  tick(10);
  assert.match(news(), /waiting 10s plan: /);
  for (let index = 0; index < 9; index += 1) host.emit(waiting(`w${index}`, 0));
  news();
  tick(10);
  assert.match(news(), /Deployment\/w0 0\/3: .*; also Deployment\/w1 0\/3, .*, Deployment\/w5 0\/3, 3 more objects\n$/);
});

test('human: where there is no table, what is waited for is said again after 30 s of silence', (t) => {
  const { host, news, tick } = clocked(t, { output: 'human' });
  tick(30);
  assert.equal(news(), '    waiting  start  AWS and the cluster are asked  30s\n');
  tick(10);
  host.emit(waiting('web', 1));
  host.emit({ type: 'progress', object: service('web'), why: 'no ready endpoint', elapsedMs: 5_000 });
  assert.equal(
    news(),
    '    waiting  web  [###.......] 1/3  1 of 3 pods ready  5.0s\n    waiting  Service/web  no ready endpoint  5.0s\n',
  );
  tick(29);
  // Not worth a line, and no end of the silence.
  host.emit(waiting('web', 1));
  host.emit({ type: 'detail', message: 'hidden' });
  assert.equal(news(), '');
  tick(1);
  assert.equal(
    news(),
    '    waiting  web  [###.......] 1/3  1 of 3 pods ready  6.0s\n    waiting  Service/web  no ready endpoint  35s\n',
  );
  host.emit({ type: 'failing', object: ref('bad'), why: 'the image is not there', elapsedMs: 1_000 });
  host.emit(waiting('other', 0));
  news();
  tick(30);
  assert.match(
    news(),
    /^ {4}failing {2}bad {2}the image is not there {2}31s\n {4}waiting {2}web .*\n {4}waiting {2}Service\/web .*\n {4}and 1 more waiting\n$/,
  );
});

test('human: nothing is said while somebody is asked, and once there is an answer the silence begins anew', async (t) => {
  const [questions, answers] = [new PassThrough(), new PassThrough()];
  const { host, news, tick } = clocked(t, { output: 'human', questions, answers }, { isInteractive: true });
  const question = { type: 'text', message: 'The port?', secret: false, flag: '--set' } as const;
  const answer = host.text(question, new AbortController().signal);
  tick(100);
  assert.equal(news(), '');
  answers.write('6379\r');
  assert.equal(await answer, '6379');
  tick(29);
  assert.equal(news(), '');
  tick(1);
  assert.match(news(), /waiting {2}start/);
});

test('no heartbeat with --quiet, in JSON, among log lines, and after the end; none beside a table', async (t) => {
  for (const options of [{ quiet: true }, { quiet: true, output: 'human' as const }, { output: 'json' as const }]) {
    const { host, news, out, tick } = clocked(t, options);
    host.emit(waiting('web', 1));
    const before = out();
    news();
    tick(100);
    assert.deepEqual([news(), out()], ['', before]);
    t.mock.timers.reset();
  }
  const drawn = clocked(t, { output: 'human' }, { canDraw: true });
  drawn.host.emit(waiting('web', 1));
  drawn.tick(100);
  await Promise.resolve();
  assert.doesNotMatch(drawn.news(), /waiting {2}web/);
  t.mock.timers.reset();
  const { host, news, tick } = clocked(t);
  host.emit({ type: 'log', line: { pod: 'p', container: 'c', time: 't', text: 'x', source: 's', index: 0 } });
  tick(100);
  assert.equal(news(), '');
  host.emit({ type: 'step', name: 'a', message: 'b' });
  await host.finish('up', { ok: true, exitCode: 0, findings: [], data: {}, text: '' });
  news();
  tick(100);
  assert.equal(news(), '');
});
