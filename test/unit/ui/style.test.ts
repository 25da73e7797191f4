import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { shorten } from '../../../src/model/text.ts';
import { createStyle, formatElapsed, harmless, wrapLine } from '../../../src/ui/style.ts';

const colored = createStyle(true, true);
const ours = [colored.good, colored.waiting, colored.bad, colored.faint, colored.strong].map((paint) => paint('text'));

for (const text of ours) {
  test(`harmless keeps our own colour ${JSON.stringify(text)}`, () => {
    assert.ok(text.includes('\u001b'));
    assert.equal(harmless(text, colored), text);
    assert.ok(!harmless(text).includes('\u001b'));
  });
}

// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const ourColour = /\u001b\[\d{1,2}m/g;

const attacks: readonly (readonly [string, string, string])[] = [
  ['clearing the screen', 'a\u001b[2Jb', 'a␛[2Jb'],
  ['moving the cursor', 'a\u001b[1;1H\u001b[3Ab', 'a␛[1;1H␛[3Ab'],
  ['hiding the cursor', '\u001b[?25lb', '␛[?25lb'],
  ['another colour form', '\u001b[38;5;1mb\u001b[0m', '␛[38;5;1mb␛[0m'],
  ['setting the title', '\u001b]0;title\u0007b', '␛]0;title␇b'],
  ['a bare escape', 'a\u001bc', 'a␛c'],
  ['the 8-bit introducer', 'a\u009b2Jb', 'a<U+009B>2Jb'],
  ['backspace and carriage return', 'password: ok\b\b\rno', 'password: ok␈␈␍no'],
  ['NUL, bell and delete', 'a\u0000\u0007\u007fb', 'a␀␇␡b'],
  ['bidi overrides', 'a\u202eb\u202c', 'a<U+202E>b<U+202C>'],
  ['bidi isolates', 'a\u2066b\u2069', 'a<U+2066>b<U+2069>'],
  ['what is no control character stays', 'é 🚀 "\\u001b" [2J', 'é 🚀 "\\u001b" [2J'],
  ['a sequence that another one hides', '\u001b\u001b[2J[31m', '␛␛[2J[31m'],
];

for (const [name, text, expected] of attacks) {
  test(`harmless: ${name}`, () => assert.equal(harmless(text, colored), expected));
}

test('harmless leaves no control character but line feeds and colours, whatever comes', () => {
  const text = fc.array(
    fc.oneof(
      fc.constantFrom('\u001b', '[', ']', '2', 'J', 'm', ';', '?', '\u009b', '\u202e', '\r', '\n', 'a'),
      fc.string({ unit: 'binary' }),
    ),
  );
  fc.assert(
    fc.property(text, (parts) => {
      const left = harmless(parts.join(''), colored).replace(ourColour, '');
      const kept = left.split('').filter((char) => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(char) && char !== '\n');
      assert.deepEqual(kept, []);
    }),
  );
});

test('without colour there is none; without Unicode only ASCII', () => {
  const style = createStyle(false, false);
  const all = [
    style.good('a'),
    style.bad('b'),
    style.faint('c'),
    style.value('\u001b'),
    ...Object.values(style.marks),
  ].join('');
  assert.match(all, /^[\x20-\x7e]+$/);
});

const shortened: readonly (readonly [string, number, string])[] = [
  ['abcdefghij', 10, 'abcdefghij'],
  ['abcdefghijk', 10, 'abcd...ijk'],
  ['abcdefghijk', 5, 'a...k'],
  ['abcdefghijk', 1, 'a...k'],
  ['', 5, ''],
];

for (const [text, width, expected] of shortened) {
  test(`shorten ${text} to ${width}`, () => assert.equal(shorten(text, width), expected));
}

const elapsed: readonly (readonly [number, string])[] = [
  [0, '0.0s'],
  [400, '0.4s'],
  [9949, '9.9s'],
  [9950, '10s'],
  [59_400, '59s'],
  [59_600, '1m 00s'],
  [65_000, '1m 05s'],
  [3_725_000, '62m 05s'],
];

for (const [ms, text] of elapsed) {
  test(`formatElapsed ${ms}`, () => assert.equal(formatElapsed(ms), text));
}

const wrapped: readonly (readonly [string, string, readonly string[]])[] = [
  ['a line that fits', '  short line', ['  short line']],
  [
    'behind its label',
    '      do     one two three four five six',
    ['      do     one two', '             three four', '             five six'],
  ],
  ['without a label', 'one two three four five six', ['one two three four five', 'six']],
  ['a word that is too long', `  ${'x'.repeat(40)} y`, [`  ${'x'.repeat(40)}`, '  y']],
];

for (const [name, line, expected] of wrapped) {
  test(`wrapLine: ${name}`, () => assert.deepEqual(wrapLine(line, 24), expected));
}

test('wrapLine: a command that stands alone can be pasted', () => {
  const command = '  oms-deploy logs -n shop reader --follow';
  assert.deepEqual(wrapLine(command, 24), [command]);
  assert.equal(wrapLine('  say: oms-deploy logs -n shop reader', 24).length, 2);
});

test('wrapLine: colours take no room', () => {
  const line = `${colored.bad('x')} one two three four five`;
  assert.deepEqual(wrapLine(line, 25), [line]);
});

test('wrapLine loses no word', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 });
  fc.assert(
    fc.property(
      words,
      fc.constantFrom('', '  ', '      do     ', 'label  '),
      fc.integer({ min: 30, max: 80 }),
      (list, label, columns) => {
        const lines = wrapLine(label + list.join(' '), columns);
        assert.deepEqual(lines.join(' ').trim().split(/\s+/), (label + list.join(' ')).trim().split(/\s+/));
        for (const line of lines) assert.ok(line.length <= columns, line);
      },
    ),
  );
});
