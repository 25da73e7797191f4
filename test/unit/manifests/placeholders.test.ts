import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillScalar, findPlaceholders } from '../../../src/manifests/placeholders.ts';
import type { SourceKind } from '../../../src/model/input.ts';
import type { Scalar } from '../../../src/model/json.ts';
import { inputsFrom } from './helpers.ts';

const found: readonly (readonly [string, readonly string[]])[] = [
  ['${redis_endpoint}', ['redis_endpoint']],
  ['REPLACE_WITH_REDIS_ENDPOINT', ['redis_endpoint']],
  ['<AWS_ACCOUNT_ID>', ['aws_account_id']],
  ['<AWS_ACCOUNT_ID>.dkr.ecr.<AWS_REGION>.amazonaws.com/app:${tag}', ['tag', 'aws_account_id', 'aws_region']],
  ['https://REPLACE_WITH_HOST:REPLACE_WITH_PORT/x', ['host', 'port']],
  ['a${x}b${x}', ['x', 'x']],
  // Not ours: the shell's, Kubernetes' own, Go's and HTML's forms.
  ['$${x}', []],
  ['${X}', []],
  ['${x-default}', []],
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
  test(`findPlaceholders ${JSON.stringify(text)}`, () =>
    assert.deepEqual(
      findPlaceholders(text).map(({ input }) => input),
      names,
    ));
}

function fill(text: string, values: Readonly<Record<string, Scalar>>, plain = false, kind: SourceKind = 'terraform') {
  const filled = fillScalar(text, inputsFrom(kind, values), plain);
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
  const filled = fillScalar('${a} ${b} <C_D>', inputsFrom('env', { b: 'B' }), true);
  assert.deepEqual(filled, {
    state: 'unresolved',
    placeholders: [
      { text: '${a}', input: 'a' },
      { text: '<C_D>', input: 'c_d' },
    ],
  });
});

test('used names each input that was filled in', () => {
  const filled = fillScalar('${a} <B_B>', inputsFrom('env', { a: '', b_b: 'x', c: 'y' }), false);
  assert.equal(filled.state, 'filled');
  assert.deepEqual(filled.state === 'filled' && filled.used.map(({ name }) => name), ['a', 'b_b']);
});
