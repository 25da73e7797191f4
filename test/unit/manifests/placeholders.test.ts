import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Filled, fillScalar, type ScalarPlace } from '../../../src/manifests/placeholders/fill.ts';
import { scan, tokenise } from '../../../src/manifests/placeholders/scan.ts';
import { placeholdersIn, withoutTokens } from '../../../src/manifests/placeholders/tokens.ts';
import type { Inputs, SourceKind } from '../../../src/model/input.ts';
import type { Scalar } from '../../../src/model/json.ts';
import { inputsFrom, rulesWith } from './helpers.ts';

const found: readonly (readonly [string, readonly string[]])[] = [
  ['${redis_endpoint}', ['redis_endpoint']],
  ['REPLACE_WITH_REDIS_ENDPOINT', ['redis_endpoint']],
  ['<AWS_ACCOUNT_ID>', ['aws_account_id']],
  ['<AWS_ACCOUNT_ID>.dkr.ecr.<AWS_REGION>.amazonaws.com/app:${tag}', ['aws_account_id', 'aws_region', 'tag']],
  ['https://REPLACE_WITH_HOST:REPLACE_WITH_PORT/x', ['host', 'port']],
  ['a${x}b${x}', ['x', 'x']],
  // Not ours: the shell's, Kubernetes' own, Go's and HTML's forms.
  ['$${x}', []],
  ['${X}', ['x']],
  ['YOUR_BUCKET', ['bucket']],
  ['<YOUR_ACCOUNT_ID>', ['account_id']],
  ['REPLACE_WITH_YOUR_HOST', ['host']],
  ['<AWS-REGION>', ['aws_region']],
  ['${x:-default}', ['x']],
  ['${x-default}', ['x']],
  ['${ x }', []],
  ['$x', []],
  ['$(POD_NAME)', []],
  ['{{ .Values.x }}', []],
  ['<b>', []],
  ['<TITLE>', []],
  ['<A_b>', []],
  ['REPLACE_WITH_', []],
  ['REPLACE_WITH_host', []],
  ['', []],
];

for (const [text, names] of found) {
  test(`a placeholder, or none: ${JSON.stringify(text)}`, () =>
    assert.deepEqual(
      scan(text, rulesWith()).map(({ input }) => input),
      names,
    ));
}

interface Filling extends Partial<ScalarPlace> {
  readonly inputs: Inputs;
  readonly meant?: readonly string[];
  readonly encoded?: readonly string[];
}

function fillText(text: string, { inputs, meant = [], encoded = [], ...place }: Filling): Filled {
  return fillScalar(
    tokenise(text, rulesWith()),
    { isPlain: false, isEncoded: false, isProse: false, ...place },
    { inputs, meant: new Set(meant), encoded: new Set(encoded) },
  );
}

function fill(text: string, values: Readonly<Record<string, Scalar>>, plain = false, kind: SourceKind = 'terraform') {
  const filled = fillText(text, { inputs: inputsFrom(kind, values), isPlain: plain });
  assert.equal(filled.state, 'filled');
  return filled.state === 'filled' ? filled.value : undefined;
}

const filledTexts: readonly (readonly [string, string])[] = [
  ['${x}', 'X'],
  ['REPLACE_WITH_X', 'X'],
  ['<X_Y>', 'XY'],
  ['a-${x}-REPLACE_WITH_X.<X_Y>', 'a-X-X.XY'],
  ['$${x}', '${x}'],
  ['$${x} ${x} $${x_y}', '${x} X ${x_y}'],
  ['$${not an escape}', '$${not an escape}'],
  ['${none:-fall back} ${x:-unused} ${none-}', 'fall back X '],
  ['${dollar}', '$& $1 $$ $`'],
];

for (const [text, expected] of filledTexts) {
  test(`fillScalar ${text}`, () => {
    assert.equal(fill(text, { x: 'X', x_y: 'XY', dollar: '$& $1 $$ $`' }), expected);
  });
}

test('one pass: what a value contains is never expanded', () => {
  const values = { x: '${y} REPLACE_WITH_Y <Y_Y> $${y}', y: 'Y', y_y: 'YY' };
  assert.equal(fill('${x}|${y}', values), `${values.x}|Y`);
  assert.equal(fill('${x}', values, true), values.x);
});

const typed: readonly (readonly [SourceKind, Scalar, boolean, Scalar])[] = [
  ['terraform', 3, true, 3],
  ['terraform', true, true, true],
  ['terraform', '3', true, '3'],
  ['terraform', 3, false, '3'],
  ['terraform', false, false, 'false'],
  ['default', '6379', true, '6379'],
  ['config', 6379, true, 6379],
  ['env', '3', true, 3],
  ['env', '-3', true, -3],
  ['env', '0', true, 0],
  ['flag', 'true', true, true],
  ['file', 'false', true, false],
  ['prompt', '12', true, 12],
  ['env', '3', false, '3'],
  ['env', 'true', false, 'true'],
  // What would come back changed stays as it was given.
  ['env', '1.10', true, '1.10'],
  ['env', '007', true, '007'],
  ['env', '-0', true, '-0'],
  ['env', '+1', true, '+1'],
  ['env', '1e3', true, '1e3'],
  ['env', '12345678901234567890', true, '12345678901234567890'],
  ['env', 'yes', true, 'yes'],
  ['env', 'null', true, 'null'],
  ['env', ' 3', true, ' 3'],
];

for (const [kind, value, plain, expected] of typed) {
  test(`a lone ${plain ? 'plain' : 'quoted'} placeholder with ${JSON.stringify(value)} of ${kind}`, () => {
    assert.equal(fill('${x}', { x: value }, plain, kind), expected);
  });
}

test('a placeholder among other text always makes a string', () => {
  assert.equal(fill('${x}0', { x: 3 }, true), '30');
  assert.equal(fill('${x}${x}', { x: 3 }, true), '33');
  assert.equal(fill('<X_Y>', { x_y: 3 }, true), 3);
});

test('the unresolved placeholders are told, the others not', () => {
  const filled = fillText('${a} ${b} <C_D>', { inputs: inputsFrom('env', { b: 'B' }), isPlain: true });
  assert.deepEqual(filled, {
    state: 'unresolved',
    placeholders: [
      { text: '${a}', input: 'a', isShell: true },
      { text: '<C_D>', input: 'c_d', isShell: false },
    ],
  });
});

test('used names each input that was filled in', () => {
  const filled = fillText('${a} <B_B>', { inputs: inputsFrom('env', { a: '', b_b: 'x', c: 'y' }) });
  assert.equal(filled.state, 'filled');
  assert.deepEqual(filled.state === 'filled' && filled.used.map(({ name }) => name), ['a', 'b_b']);
});

/** Each style, with what it finds and what it doesn't. */
const styles: readonly (readonly [string, string, readonly string[]])[] = [
  ['replace-with', 'REPLACE_WITH_A REPLACE_ME_WITH_B XREPLACE_WITH_C', ['a', 'b']],
  ['angle', '<A_B> <A> <your-region>', ['a_b']],
  ['angle-any', '<A_B> <account> <your-region> <b c>', ['a_b', 'account', 'region']],
  ['dollar-brace', '${A} $B ${c} $(D)', ['a', 'c']],
  ['dollar', '${A} $B $c-x $$D $(E) $1', ['b', 'c']],
  ['mustache', '{{A}} {{ b }} {{ .Values.c }} {{- d }} {{ end }} {{ f | quote }}', ['a', 'b']],
  ['hash-brace', '#{A}# #{ b.c }# #{d}', ['a', 'b_c']],
  ['underscores', '__A__ __B_C__ x__D__ __init__', ['a', 'b_c']],
  ['percent', '%ABC% %2F%AB%CD %ab%', ['abc']],
  ['your', 'YOUR_A my-YOUR_B YOURS_C', ['a', 'b']],
];

for (const [style, text, names] of styles) {
  test(`style ${style}: on, off, and back as it was`, () => {
    const rules = rulesWith({ styles: [style] });
    const tokenised = tokenise(text, rules);
    assert.deepEqual(
      placeholdersIn(tokenised).map(({ input }) => input),
      names,
    );
    assert.equal(withoutTokens(tokenised), text.replace('$$D', '$D'));
    assert.deepEqual(scan(text, rulesWith({ styles: [] })), []);
  });
}

test('texts of the configuration: other names, literals, and what is none', () => {
  const rules = rulesWith({
    inputs: { REPLACE_WITH_DB: 'db_endpoint', 'host-of-mine': 'host' },
    literals: { '123456789012': 'account', 'ghcr.io/acme': 'registry' },
    keep: ['<NOT_MINE>', '${HOME}'],
  });
  const names = (text: string): readonly string[] => scan(text, rules).map(({ input }) => input);
  assert.deepEqual(names('REPLACE_WITH_DB host-of-mine'), ['db_endpoint', 'host']);
  assert.deepEqual(names('123456789012.dkr.ecr 9123456789012 123456789012x'), ['account']);
  assert.deepEqual(names('ghcr.io/acme/web:1 ghcr.io/acmed'), ['registry']);
  assert.deepEqual(names('<NOT_MINE> ${HOME} <MINE_TOO>'), ['mine_too']);
});

test('characters of the private use area in a file are no tokens', () => {
  const text = 'a\uE000pb\uE002 ${x} \uE100\uE17F';
  const tokenised = tokenise(text, rulesWith());
  assert.deepEqual(
    placeholdersIn(tokenised).map(({ input }) => input),
    ['x'],
  );
  assert.equal(withoutTokens(tokenised), text);
});

test('in a text for a shell an unknown name stays, a declared one is filled', () => {
  const inputs = inputsFrom('terraform', { x: 'X', y: 'Y' });
  const filled = fillText('echo ${x} ${y} ${HOME} <X_X>', {
    inputs: new Map([...inputs, ...inputsFrom('config', { x_x: 'XX' })]),
    isProse: true,
    meant: ['x'],
  });
  assert.equal(filled.state === 'filled' && filled.value, 'echo X ${y} ${HOME} XX');
  assert.deepEqual(filled.state === 'filled' && filled.left.map(({ text }) => text), ['${y}', '${HOME}']);
  const open = fillText('echo <X_X> ${HOME}', { inputs, isProse: true });
  assert.equal(open.state, 'unresolved');
});

test('in data of a Secret a value is encoded, unless it is base64 already', () => {
  const inputs = inputsFrom('env', { x: 'p:ss', y: 'cDpzcw==', n: 3 });
  const value = (text: string, encoded: readonly string[] = []): unknown => {
    const filled = fillText(text, { inputs, isEncoded: true, isPlain: true, encoded });
    return filled.state === 'filled' ? filled.value : undefined;
  };
  assert.equal(value('${x}'), 'cDpzcw==');
  assert.equal(value('${n}'), 'Mw==');
  assert.equal(value('${y}', ['y']), 'cDpzcw==');
});
