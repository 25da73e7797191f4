import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flawOf } from '../../../src/model/secret-flaw.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const values: readonly (readonly [string, string | undefined])[] = [
  ['', 'empty: is empty'],
  [' \t\n', 'empty: is nothing but white space'],
  ['hunter22\n', 'line-break: ends with a line break'],
  ['hunter22\r\n', 'line-break: ends with a line break'],
  ['hunter22\r', 'line-break: ends with a carriage return'],
  ['hunter22 \n ', 'line-break: ends with a line break'],
  ['\nhunter22', 'line-break: begins with a line break'],
  [' hunter22', 'spaces: begins with a space'],
  ['hunter22\t', 'spaces: ends with a space'],
  ['hunter 22', undefined],
  // A file of several lines may end with one.
  ['-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----\n', undefined],
  [base64('hunter'), undefined],
  [base64('admin'), 'base64: is base64 of a text'],
  [base64('hunter22'), 'base64: is base64 of a text'],
  [base64('hunter22hunt'), 'base64: is base64 of a text'],
  [base64('pässwörter'), 'base64: is base64 of a text'],
  [base64('hunter22\n'), undefined],
  [`${base64('hunter22 hunter22')}\n`, 'line-break: ends with a line break'],
  // As `base64` breaks it after 76 characters.
  [base64('correct horse '.repeat(8)).replace(/.{76}/g, '$&\n'), 'base64: is base64 of a text'],
  // Passwords of letters and digits, hex, bytes, and a last bit that no encoder leaves.
  ['aB3dE6gH9jK2mN5p', undefined],
  ['5f4dcc3b5aa765d61d8327deb882cf99', undefined],
  [Buffer.from([0, 1, 2, 250, 251, 252, 253, 254, 255, 10, 20]).toString('base64'), undefined],
  ['aHVudGVyMjJ=', undefined],
];

for (const [value, expected] of values) {
  test(`a secret ${JSON.stringify(value.slice(0, 40))}: ${expected ?? 'sound'}`, () => {
    const flaw = flawOf(value);
    assert.equal(flaw === undefined ? undefined : `${flaw.kind}: ${flaw.text}`, expected);
  });
}
