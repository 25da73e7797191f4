import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { placeholderStyles } from '../../../src/config/usual-placeholders.ts';
import { scan } from '../../../src/manifests/placeholders/scan.ts';
import { isMark } from '../../../src/manifests/placeholders/styles.ts';
import { isObject, type Scalar } from '../../../src/model/json.ts';
import { formatYaml } from '../../../src/model/yaml.ts';
import { bodiesOf, inputsFrom, renderText, rulesWith } from './helpers.ts';

/** The same random cases in every run: what one run finds, the next one finds again. */
const seeded = { seed: 2026, numRuns: 400 } as const;

const placeholders = {
  styles: [...placeholderStyles],
  literals: { '123456789012': 'account' },
  inputs: { 'the-host': 'host' },
};
const rules = rulesWith(placeholders);

/** One placeholder of each style, for one input each. */
const written: Readonly<Record<string, string>> = {
  REPLACE_WITH_TEXT: 'text',
  '<THE_TEXT>': 'the_text',
  '<text>': 'text',
  '${text}': 'text',
  '${NUMBER}': 'number',
  $nasty: 'nasty',
  '{{ nasty }}': 'nasty',
  '{{NUMBER}}': 'number',
  '#{flag}#': 'flag',
  __NASTY__: 'nasty',
  '%NASTY%': 'nasty',
  YOUR_TEXT: 'text',
  '123456789012': 'account',
  'the-host': 'host',
};

const values: Readonly<Record<string, Scalar>> = {
  text: 'a text',
  the_text: '# no comment: {a: [b]}',
  // What would be YAML, or a placeholder, if it were read again.
  nasty: '"\'\n- a: b\n---\n${text} {{text}} <THE_TEXT> REPLACE_WITH_TEXT $& \uE000 %TEXT% | > ! é🚀',
  number: 42,
  flag: true,
  account: '210987654321',
  host: 'db.example',
};
const inputs = inputsFrom('terraform', values);

const isFree = (text: string): boolean => scan(text, rules).length === 0 && !/\$\$/.test(text) && !isMark(text.trim());
const freeText = fc
  .oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 8 }),
    fc.constantFrom(
      'yes',
      'No',
      'on',
      '~',
      'null',
      '0644',
      '0x1f',
      '1e3',
      '.5',
      '1_000',
      '2026-11-26',
      '12:30:45',
      '',
      ' ',
      '<<',
      '=',
      '- a',
      'a: b',
      '# c',
      '%',
      '@',
      '`',
      '*a',
      '&a',
      '!a',
      '|',
      '>',
      '{',
      '"',
      "'",
    ),
  )
  .filter(isFree);
const scalar = fc.oneof(
  freeText,
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.boolean(),
  fc.constant(null),
);
const filledText = fc
  .array(fc.oneof(fc.constantFrom(...Object.keys(written)), fc.constantFrom('-', ' ', '/', ':', '\n')), {
    minLength: 1,
    maxLength: 4,
  })
  // Two of them side by side may be a third one.
  .map((parts) => parts.join(' '));

function treeOf(leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const key = fc.stringMatching(/^[a-z][a-z.-]{0,6}$/);
  return fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 3 }),
    ),
  })).tree;
}

function objectWith(spec: unknown): Readonly<Record<string, unknown>> {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec };
}

/** The shape of a tree: its keys and lists, without its scalars. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
  return '';
}

test('every scalar comes back as it was, of whatever type, with all styles on', () => {
  fc.assert(
    fc.property(treeOf(scalar), (spec) => {
      const [body] = bodiesOf(formatYaml(objectWith(spec)), { placeholders });
      assert.deepEqual(body, JSON.parse(JSON.stringify(objectWith(spec))));
    }),
    seeded,
  );
});

test('filling never changes the structure, and leaves no placeholder: each style, mixed and alone', () => {
  fc.assert(
    fc.property(treeOf(fc.oneof(filledText, freeText, fc.integer())), (spec) => {
      const [body] = bodiesOf(formatYaml(objectWith(spec)), { inputs, placeholders, meant: Object.keys(values) });
      assert.deepEqual(shapeOf(body), shapeOf(objectWith(spec)));
      // The values hold forms of placeholders themselves: without them none is left.
      const rest = JSON.stringify(body).replaceAll(JSON.stringify(values.nasty).slice(1, -1), '');
      assert.deepEqual(scan(rest, rules), []);
      assert.doesNotMatch(rest, /[\uE000-\uE17F]/);
    }),
    seeded,
  );
});

test('unquoted, at any place, each style is filled with its type', () => {
  for (const [text, name] of Object.entries(written)) {
    const yaml = `apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec:\n  a: ${text}\n  b:\n    - ${text}\n  c: {d: ${text}}\n`;
    const [body] = bodiesOf(yaml, { inputs, placeholders });
    const value = values[name];
    assert.deepEqual(body, objectWith({ a: value, b: [value], c: { d: value } }), text);
  }
});

test('random bytes as manifests: a finding each, at a line, and no exception', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 }).map((data) => Buffer.from(data).toString('utf8'));
  fc.assert(
    fc.property(bytes, (text) => {
      const { manifests, findings } = renderText(text, { placeholders });
      assert.deepEqual(manifests, []);
      for (const { origin, cause, fix } of findings) {
        assert.ok((origin?.line ?? 0) >= 1);
        assert.doesNotMatch(`${cause} ${fix}`, /[\uE000-\uE17F]|\bat .*\.ts:/);
      }
    }),
    seeded,
  );
});
