import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redactorOf } from '../../../../src/inputs/redact.ts';
import { createRegion, type Region } from '../../../../src/ui/live/region.ts';
import { createEmulator, type Emulator, type Size } from '../../../support/emulator.ts';
import { recordedHost } from '../helpers.ts';

/** A region on a terminal of 20 x 6, and how often was written to it. */
function onTerminal(): {
  region: Region;
  terminal: Emulator;
  resize: (next: Size) => void;
  writes: () => number;
} {
  const terminal = createEmulator({ columns: 20, rows: 6 });
  let writes = 0;
  let size = { columns: 20, rows: 6 };
  const region = createRegion({
    writeErr(text) {
      writes += 1;
      // As the terminal's line discipline does.
      terminal.write(text.replaceAll(/(?<!\r)\n/g, '\r\n'));
    },
    get columns() {
      return size.columns;
    },
    reflows: true,
  });
  const resize = (next: Size): void => {
    size = next;
    terminal.resize(next);
    region.resized();
  };
  return { region, terminal, resize, writes: () => writes };
}

async function shown(terminal: Emulator) {
  const { text: _, ...picture } = await terminal.picture();
  return picture;
}

test('each frame takes the place of the one before, in one write, with the cursor away', async () => {
  const { region, terminal, writes } = onTerminal();
  terminal.write('$ up\r\n');
  region.draw(['one', 'two', 'three']);
  region.draw(['1', 'two']);
  assert.equal(writes(), 2);
  assert.deepEqual(await shown(terminal), { scrollback: [], screen: ['$ up', '1', 'two'], isCursorShown: false });
  region.clear();
  assert.deepEqual(await shown(terminal), { scrollback: [], screen: ['$ up'], isCursorShown: true });
});

test('what is written meanwhile goes above, all of a turn in one write, and nothing is lost', async () => {
  const { region, terminal, writes } = onTerminal();
  region.draw(['table', 'row']);
  for (let line = 1; line <= 9; line += 1) region.write(`line ${line}\n`);
  await Promise.resolve();
  assert.equal(writes(), 2);
  const { scrollback, screen } = await terminal.picture();
  assert.deepEqual(
    [...scrollback, ...screen],
    [...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((line) => `line ${line}`), 'table', 'row'],
  );
});

test('an Enter or other keys that are echoed leave no trace', async () => {
  const { region, terminal } = onTerminal();
  terminal.write('$ up\r\n');
  region.draw(['table', 'row']);
  terminal.write('^[[A\r\nxy');
  region.draw(['table', 'row']);
  assert.deepEqual((await terminal.picture()).screen, ['$ up', 'table', 'row']);
});

test('after a resize nothing of the old lines is left, and the new ones are not broken', async () => {
  for (const columns of [11, 14, 19, 20, 40]) {
    for (const before of [0, 1, 5, 40]) {
      const { region, terminal, resize } = onTerminal();
      terminal.write('$\r\n'.repeat(before));
      region.draw(['head', 'a line of 20 columns', 'another such line!!!']);
      resize({ columns, rows: 8 });
      region.draw(['short', 'lines']);
      const { scrollback, screen } = await terminal.picture();
      const expected = [...Array.from({ length: before }, () => '$'), 'short', 'lines'];
      assert.deepEqual([...scrollback, ...screen], expected, `${columns} columns, ${before} lines before`);
    }
  }
});

test('letters of two columns are no second line', async () => {
  const { region, terminal } = onTerminal();
  for (const last of ['a', 'b']) region.draw(['漢'.repeat(15), last]);
  const { screen } = await terminal.picture();
  assert.equal(screen.length, 2);
  assert.equal(screen[1], 'b');
  // Wrapping is on again for what others write.
  region.clear();
  terminal.write('x'.repeat(25));
  assert.deepEqual((await terminal.picture()).screen, ['x'.repeat(20), 'xxxxx']);
});

test('where the process ends, the table stays, and the cursor is below it and shown', async () => {
  const { region, terminal } = onTerminal();
  region.draw(['table', 'row']);
  region.write('last words\n');
  region.leave();
  terminal.write('$ ');
  assert.deepEqual(await shown(terminal), {
    scrollback: [],
    screen: ['last words', 'table', 'row', '$ '],
    isCursorShown: true,
  });
});

const silent = { ok: true, exitCode: 0, findings: [], data: {}, text: '' };
const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };

test('many events make one frame; secrets and control characters are taken out of it', async () => {
  let wrote = (): void => undefined;
  const drawn = new Promise<void>((resolve) => {
    wrote = resolve;
  });
  const frames: string[] = [];
  const writeErr = (text: string): void => {
    frames.push(text);
    wrote();
  };
  const { host } = recordedHost({ output: 'human' }, { canDraw: true, hasUnicode: true, writeErr });
  host.protect(redactorOf(['hunter22']));
  const count = { desired: 2, updated: 2, ready: 1 };
  for (let turn = 0; turn < 500; turn += 1) {
    const why = `${turn} says hunter22 \u001b[2J\u202e\nand\u001b[31m goes on`;
    host.emit({ type: 'progress', object, count, why, elapsedMs: turn });
  }
  const ticking = setInterval(() => undefined, 10);
  await drawn;
  clearInterval(ticking);
  assert.equal(frames.length, 1);
  assert.match(frames[0] ?? '', /web {2}█████▓▓▓▓▓ {2}1\/2 {6}\S+ {2}499 says \*{4} and goes on/);
  assert.doesNotMatch(frames.join(''), /hunter22|\[2J|\u202e/);
  await host.finish('up', silent);
  assert.match(frames.at(-1) ?? '', /web .*and goes on\n$/);
});

for (const [name, terminal] of [
  ['one that cannot draw', {}],
  ['39 columns', { canDraw: true, columns: 39, rows: 24 }],
  ['9 lines', { canDraw: true, columns: 80, rows: 9 }],
] as const) {
  test(`lines instead of a table: ${name}`, async () => {
    const { host, err } = recordedHost({ output: 'human' }, terminal);
    host.emit({ type: 'progress', object, count: { desired: 2, updated: 2, ready: 1 }, why: 'x', elapsedMs: 1000 });
    host.emit({ type: 'progress', object, count: { desired: 2, updated: 2, ready: 1 }, why: 'x', elapsedMs: 2000 });
    host.emit({ type: 'ready', object, detail: '2/2', elapsedMs: 3000 });
    await host.finish('up', silent);
    assert.equal(
      err().replaceAll(/\n {10,}/g, '  '),
      '    waiting  web  [#####.....] 1/2  x  1.0s\n    ready    Deployment shop/web  2/2  3.0s\n',
    );
  });
}
