import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Failed, pauseBefore } from '../../../src/cluster/retry.ts';

const failed = (code: string): Failed => ({ error: Object.assign(new Error(code), { code }) });
const answered = (status: number, retryAfterMs?: number): Failed => ({
  status,
  text: '',
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const tries: readonly (readonly [name: string, failed: Failed, tries: number, again: number])[] = [
  ['ECONNRESET', failed('ECONNRESET'), 5, 5],
  ['ECONNREFUSED', failed('ECONNREFUSED'), 3, 99],
  ['ENOTFOUND', failed('ENOTFOUND'), 2, 99],
  ['ETIMEDOUT', failed('ETIMEDOUT'), 1, 99],
  ['EHOSTUNREACH', failed('EHOSTUNREACH'), 1, 99],
  ['503', answered(503), 5, 99],
];

for (const [name, how, last] of tries) {
  test(`${name}: ${last} tries, with patience as many as it takes`, () => {
    assert.equal(pauseBefore(how, last, 0), undefined);
    if (last > 1) assert.ok((pauseBefore(how, last - 1, 0) ?? 0) > 0);
    const pauseMs = pauseBefore(how, 1000, 60_000) ?? 0;
    assert.ok(pauseMs > 100 && pauseMs <= 2_000, `${pauseMs} ms`);
  });
}

for (const [name, how] of [
  ['a certificate of another CA', failed('SELF_SIGNED_CERT_IN_CHAIN')],
  ['an error without a code', { error: new Error('x') }],
  ['403', answered(403)],
  ['200', answered(200)],
  ['a typo in an apply patch', { status: 500, text: 'failed to create typed patch object (a/b): .x' }],
] as const) {
  test(`never tried again, whatever the patience: ${name}`, () => assert.equal(pauseBefore(how, 1, 60_000), undefined));
}

test('the server names the pause; patience bounds it, and is not exceeded by it', () => {
  assert.equal(pauseBefore(answered(429, 7_000), 1, 0), 7_000);
  assert.equal(pauseBefore(answered(429, 7_000), 1, 60_000), 2_000);
  assert.equal(pauseBefore(answered(429, 7_000), 1, 300), 300);
});
