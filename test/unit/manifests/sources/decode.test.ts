import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeManifest } from '../../../../src/manifests/sources/decode.ts';

const refused: readonly (readonly [string, Uint8Array, string, RegExp])[] = [
  ['UTF-16 LE', Buffer.from('\uFEFFkind: A\n', 'utf16le'), 'a.yaml:1', /UTF-16, as Windows PowerShell/],
  ['UTF-16 BE', Buffer.from('\uFEFFkind: A\n', 'utf16le').swap16(), 'a.yaml:1', /UTF-16/],
  ['UTF-16 without a mark', Buffer.from('kind: A\n', 'utf16le'), 'a.yaml:1', /U\+0000/],
  ['Latin-1', Buffer.from('a: b\nc: \xe9\n', 'latin1'), 'a.yaml:2', /not UTF-8/],
  ['half a character at the end', Buffer.from([0x61, 0x0a, 0xc3]), 'a.yaml:2', /not UTF-8/],
  ['NUL', Buffer.from('a: b\nc: x\u0000y\n'), 'a.yaml:2', /control character U\+0000/],
  ['a bell', Buffer.from('a: \u0007\n'), 'a.yaml:1', /control character U\+0007/],
];

for (const [name, bytes, place, cause] of refused) {
  test(`refused with its line: ${name}`, () => {
    const finding = decodeManifest(bytes, 'a.yaml');
    assert.ok(typeof finding !== 'string');
    assert.equal(`${finding.origin?.file ?? ''}:${finding.origin?.line ?? ''}`, place);
    assert.match(finding.cause, cause);
  });
}

const taken: readonly (readonly [string, string, string])[] = [
  ['a mark at the beginning', '\uFEFFa: 1\n', 'a: 1\n'],
  ['files with marks, put together', '\uFEFFa: 1\n---\n\uFEFFb: 1\n', 'a: 1\n---\nb: 1\n'],
  ['CRLF, tabs, other alphabets', 'a: é\r\n\t# Ж🚀\r\n', 'a: é\r\n\t# Ж🚀\r\n'],
];

for (const [name, text, expected] of taken)
  test(`taken: ${name}`, () => assert.equal(decodeManifest(Buffer.from(text), 'a.yaml'), expected));
