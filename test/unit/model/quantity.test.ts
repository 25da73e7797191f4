import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatCores, parseQuantity, percentOf } from '../../../src/model/quantity.ts';

const quantities: readonly (readonly [unknown, number | undefined])[] = [
  ['0', 0],
  ['2', 2],
  [3, 3],
  ['0.5', 0.5],
  ['.5', 0.5],
  ['5.', 5],
  ['-1', -1],
  ['+1', 1],
  ['250m', 0.25],
  ['1500000n', 0.0015],
  ['12u', 0.000012],
  ['2k', 2000],
  ['3M', 3e6],
  ['1G', 1e9],
  ['1T', 1e12],
  ['1P', 1e15],
  ['2E', 2e18],
  ['64Ki', 65_536],
  ['1.5Mi', 1_572_864],
  ['2Gi', 2_147_483_648],
  ['1Ti', 1_099_511_627_776],
  ['1Pi', 2 ** 50],
  ['1Ei', 2 ** 60],
  ['1e3', 1000],
  ['12E2', 1200],
  ['5e-3', 0.005],
  ['', undefined],
  ['m', undefined],
  ['1K', undefined],
  ['1mi', undefined],
  ['1 Gi', undefined],
  ['1e3Mi', undefined],
  ['<unknown>', undefined],
  [null, undefined],
  [undefined, undefined],
];

for (const [text, value] of quantities) {
  test(`the quantity ${JSON.stringify(text)}`, () => {
    const parsed = parseQuantity(text);
    if (value === undefined) assert.equal(parsed, undefined);
    else assert.ok(Math.abs((parsed ?? Number.NaN) - value) <= Math.abs(value) * 1e-12, String(parsed));
  });
}

test('figures for people', () => {
  assert.deepEqual([0.0304, 0.25, 1, 1.256].map(formatCores), ['30m', '250m', '1', '1.26']);
  assert.deepEqual([2048, 2 ** 20, 512 * 2 ** 20, 1.5 * 2 ** 30].map(formatBytes), ['2Ki', '1Mi', '512Mi', '1.5Gi']);
  assert.deepEqual(
    [percentOf(9, 10), percentOf(1, 3), percentOf(1, 0), percentOf(undefined, 1), percentOf(1, undefined)],
    [90, 33, undefined, undefined, undefined],
  );
});
