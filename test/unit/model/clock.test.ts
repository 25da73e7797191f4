import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { boundsOf, createClock, narrow } from '../../../src/model/clock.ts';

const date = (ms: number): string => new Date(ms).toUTCString();

test('an answer bounds the offset by its second and its round trip', () => {
  assert.deepEqual(boundsOf(10_000, 4_900, 5_100), { low: 4_900, high: 6_100 });
});

const narrowings: readonly (readonly [string, [number, number] | undefined, [number, number], [number, number]])[] = [
  ['the first', undefined, [1, 5], [1, 5]],
  ['overlapping', [1, 5], [3, 9], [3, 5]],
  ['inside', [1, 5], [2, 3], [2, 3]],
  ['around', [2, 3], [1, 5], [2, 3]],
  ['touching', [1, 5], [5, 9], [5, 5]],
  ['contradicting: a clock was set', [1, 5], [6, 9], [6, 9]],
];

for (const [name, known, next, expected] of narrowings) {
  test(`narrow: ${name}`, () => {
    const bounds = ([low, high]: [number, number]) => ({ low, high });
    assert.deepEqual(narrow(known === undefined ? undefined : bounds(known), bounds(next)), bounds(expected));
  });
}

test('before any answer it is our own clock; what is no date changes nothing', () => {
  const clock = createClock(() => 5_000);
  assert.equal(clock.now(), 5_000);
  clock.observe(undefined, 4_000, 5_000);
  clock.observe('nonsense', 4_000, 5_000);
  assert.equal(clock.now(), 5_000);
});

test('a clock that agrees with ours as far as one can see is ours', () => {
  const clock = createClock(() => 5_000);
  clock.observe(date(4_000), 4_700, 4_800);
  assert.equal(clock.now(), 5_000);
});

test('whatever the offset, it is found within the round trip and a second; more answers make it no worse', () => {
  const answer = fc.record({ atMs: fc.integer({ min: 0, max: 3_600_000 }), wayMs: fc.nat(400), backMs: fc.nat(400) });
  fc.assert(
    fc.property(fc.integer({ min: -1e8, max: 1e8 }), fc.array(answer, { minLength: 1 }), (offsetMs, answers) => {
      const clock = createClock(() => 0);
      let worstMs = Infinity;
      for (const { atMs, wayMs, backMs } of answers) {
        const serverMs = 1e9 + atMs + wayMs + offsetMs;
        clock.observe(date(Math.floor(serverMs / 1000) * 1000), 1e9 + atMs, 1e9 + atMs + wayMs + backMs);
        const errorMs = Math.abs(clock.now() - offsetMs);
        worstMs = Math.min(worstMs, wayMs + backMs + 1000);
        assert.ok(errorMs <= worstMs, `${errorMs} ms off`);
      }
    }),
  );
});

test('a clock that is set is followed from the next answer on', () => {
  const clock = createClock(() => 0);
  clock.observe(date(100_000), 50_000, 50_100);
  assert.equal(clock.now(), 50_450);
  clock.observe(date(200_000), 60_000, 60_100);
  assert.equal(clock.now(), 140_450);
});
