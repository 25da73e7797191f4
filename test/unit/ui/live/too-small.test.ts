import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { DeployEvent } from '../../../../src/events.ts';
import { createHost, type TerminalHost } from '../../../../src/ui/host.ts';
import { createEmulator, type Picture, type Size } from '../../../support/emulator.ts';
import { hostOptions, pipe } from '../helpers.ts';

const waiting = (number: number, type: 'progress' | 'failing' = 'progress'): DeployEvent => ({
  type,
  object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: `w${number}` },
  count: { desired: 2, updated: 2, ready: 0 },
  why: type === 'failing' ? 'no image' : '0 of 2 ready',
  elapsedMs: 0,
});

interface Window {
  readonly host: TerminalHost;
  readonly resize: (size: Size) => void;
  /** The clock goes on. */
  readonly tick: (ms: number) => void;
  /** What is shown. The clock is the machine's own from then on. */
  readonly picture: () => Promise<Picture>;
}

/** A run with a live table in a window of 80 x 24. */
function openWindow(t: TestContext): Window {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  let size: Size = { columns: 80, rows: 24 };
  let resized = (): void => undefined;
  const written: (string | Size)[] = [];
  const host = createHost(
    {
      ...pipe,
      canDraw: true,
      writeErr: (text) => void written.push(text.replaceAll(/(?<!\r)\n/g, '\r\n')),
      get columns() {
        return size.columns;
      },
      get rows() {
        return size.rows;
      },
      watch(watcher) {
        ({ resized } = watcher);
        return () => undefined;
      },
    },
    hostOptions({ output: 'human' }),
  );
  return {
    host,
    resize(next) {
      size = next;
      written.push(next);
      resized();
    },
    tick(ms) {
      // All timers of one tick see its end as their time.
      for (let left = ms; left > 0; left -= 100) t.mock.timers.tick(100);
    },
    picture() {
      t.mock.timers.reset();
      const emulator = createEmulator({ columns: 80, rows: 24 });
      for (const one of written)
        if (typeof one === 'string') emulator.write(one);
        else emulator.resize(one);
      return emulator.picture();
    },
  };
}

const small = { columns: 30, rows: 8 };

test('a window that becomes too small for the table says once, in lines, what is waited for', async (t) => {
  const { host, resize, tick, picture } = openWindow(t);
  for (let number = 1; number <= 26; number += 1) host.emit(waiting(number, number === 26 ? 'failing' : 'progress'));
  tick(200);
  for (const size of [{ columns: 60, rows: 15 }, small, { columns: 31, rows: 8 }]) {
    resize(size);
    tick(1_500);
  }
  // That is known already.
  host.emit(waiting(1));
  const { text, isCursorShown } = await picture();
  // What has left the screen at its top before, as the window became smaller, is no longer ours to take away.
  const said = text.slice(text.indexOf('    failing'));
  assert.equal(
    said.replaceAll(/\d\.\ds/g, '#s').replaceAll(/\n {9,}/g, ' '),
    [
      '    failing  w26  [..........] 0/2  no image #s',
      '    waiting  w1  [..........] 0/2  0 of 2 ready #s',
      '    waiting  w2  [..........] 0/2  0 of 2 ready #s',
      '    and 23 more waiting',
    ].join('\n'),
  );
  assert.equal(isCursorShown, true);
});

test('in a window that has become too small the heartbeat goes on, and in a larger one the table', async (t) => {
  const { host, resize, tick, picture } = openWindow(t);
  host.emit(waiting(1));
  tick(200);
  resize({ columns: 80, rows: 9 });
  tick(31_000);
  resize({ columns: 80, rows: 24 });
  tick(200);
  const { text } = await picture();
  assert.equal(text.match(/waiting {2}w1 .* 0 of 2 ready/g)?.length, 2, text);
  assert.match(text, /\n {2}waiting - 0 of 1 ready - \d+s\n {2}w1 +=+ +0\/2 .* 0 of 2 ready$/);
});

test('a window that becomes too small once all is over says nothing', async (t) => {
  const { host, resize, tick, picture } = openWindow(t);
  host.emit(waiting(1));
  tick(200);
  host.emit({ type: 'release', number: 3, status: 'deployed' });
  resize(small);
  tick(200);
  assert.doesNotMatch((await picture()).text, /waiting/);
});
