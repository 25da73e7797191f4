import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { redactorOf } from '../../../src/inputs/redact.ts';
import { type DiffLook, formatField, unlimited } from '../../../src/ui/diff.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { change, field, planOf, recordedHost } from './helpers.ts';

const plain = createStyle(false, false);
const look: DiffLook = { width: 24, lineWidth: 40, isWhole: false, clean: (text) => text };
const verbose: DiffLook = { ...look, ...unlimited, isWhole: true };

const conf = (port: number): string =>
  ['worker_processes 1;', 'events {', '}', 'http {', '  server {', `    listen ${port};`, '  }', '}', ''].join('\n');

test('a text of several lines: what differs with two lines around it, the rest folded', () => {
  assert.deepEqual(formatField(field('data[nginx.conf]', conf(80), conf(8080)), look, plain), [
    'data[nginx.conf]: 1 line added, 1 line removed',
    '        ... 3 unchanged lines',
    '          http {',
    '            server {',
    '        -     listen 80;',
    '        +     listen 8080;',
    '            }',
    '          }',
  ]);
});

test('removed lines are red, added ones green, what is folded is faint', () => {
  const style = createStyle(true, false);
  const lines = formatField(field('data.a', conf(80), conf(8080)), look, style);
  for (const [index, paint] of [
    [1, style.faint],
    [4, style.bad],
    [5, style.good],
  ] as const) {
    const plainLine = formatField(field('data.a', conf(80), conf(8080)), look, plain)[index] ?? '';
    assert.equal(lines[index], `        ${paint(plainLine.slice(8))}`);
  }
});

test('a new text is cut, with --verbose it is whole', () => {
  const text = `${Array.from({ length: 40 }, (_, index) => `line ${index} ${'x'.repeat(60)}`).join('\n')}\n`;
  const cut = formatField(field('data.a', undefined, text), look, plain);
  assert.equal(cut.length, 1 + 23 + 1);
  assert.equal(cut.at(-1), '        ... and 17 more lines (--verbose)');
  for (const line of cut) assert.ok(line.length <= 8 + 40, line);
  const whole = formatField(field('data.a', undefined, text), verbose, plain);
  assert.deepEqual(
    whole.slice(1).map((line) => line.slice(10)),
    text.trimEnd().split('\n'),
  );
});

test('a line break at the end alone is a difference that is seen', () => {
  assert.deepEqual(formatField(field('data.a', 'a\nb', 'a\nb\n'), look, plain), [
    'data.a: 1 line added, 1 line removed',
    '          a',
    '        - b',
    '          (without a line break at its end)',
    '        + b',
  ]);
});

test('two long values are cut around what differs, before the one and the other look the same', () => {
  const [head, tail] = ['registry.example.com/some/long/path/to/the/image:1.4.', '-with-a-long-suffix'];
  const [line = ''] = formatField(field('spec.image', `${head}1${tail}`, `${head}2${tail}`), look, plain);
  const [, before = '', after = ''] = /^spec\.image: (.*) -> (.*)$/.exec(line) ?? [];
  assert.notEqual(before, after);
  assert.ok(before.includes('1.4.1') && after.includes('1.4.2'), line);
  for (const shown of [before, after]) assert.ok(shown.length <= look.width, shown);
  const [whole] = formatField(field('spec.image', `${head}1${tail}`, `${head}2${tail}`), verbose, plain);
  assert.equal(whole, `spec.image: ${head}1${tail} -> ${head}2${tail}`);
});

test('another text altogether is told, and not compared for minutes', () => {
  const text = (word: string): string => Array.from({ length: 3_000 }, (_, index) => `${word}${index}`).join('\n');
  assert.deepEqual(formatField(field('data.a', text('a'), text('b')), look, plain), [
    'data.a: another text (3000 lines before, 3000 now)',
  ]);
});

test('with --verbose the lines that are shown are the two texts', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '', '-', '+ x', '\\')).map((lines) => `${lines.join('\n')}\n`);
  fc.assert(
    fc.property(text, text, (before, after) => {
      fc.pre(before !== after && [before, after].some((one) => one.trimEnd().includes('\n')));
      const lines = formatField(field('data.a', before, after), verbose, plain).slice(1);
      const of = (mark: string): number => lines.filter((line) => line.slice(8).startsWith(mark)).length;
      const count = (one: string): number => one.split('\n').length - 1;
      assert.equal(of('+') - of('-'), count(after) - count(before));
    }),
  );
});

test('a secret of two lines in a text is taken out before the text is taken apart', () => {
  const { host, err, out } = recordedHost({ output: 'human' }, { outColumns: 80 });
  host.protect(redactorOf(['se1\ncr2']));
  const fields = [field('data.a', 'x\ny\n', 'x\nse1\ncr2\n')];
  for (const isResult of [true, false]) {
    host.emit({ type: 'plan', plan: planOf([change('update', 'ConfigMap', 'c', { fields })]), isResult });
  }
  assert.match(out(), /\+ \*{4}\n/);
  assert.doesNotMatch(err() + out(), /se1|cr2/);
});
