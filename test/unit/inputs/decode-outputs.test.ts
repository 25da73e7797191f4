import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { decodeOutputs } from '../../../src/inputs/decode-outputs.ts';

const json =
  '{\n  "host": {\n    "sensitive": true,\n    "type": "string",\n    "value": "redis {a} \\"b\\""\n  }\n}\n';

const noise: Readonly<Record<string, string>> = {
  'nothing else': json,
  'the wrapper of setup-terraform': `[command]/usr/bin/terraform -chdir=infra output -json\n${json}\n::debug::exit 0`,
  'a deprecation warning behind': `${json}\n\u001B[33mWarning: Deprecated {parameter}\u001B[0m "dynamodb_table`,
  'a retry message before': `Error: retrying in 2s {attempt 1}\n${json}`,
  'a log prefix with braces': `12:00:00.123 STDOUT [{infra}] terraform: ${json}`,
  'an open brace and a quote before': `time=1 msg="starting { now\n${json}`,
  'JSON log lines before': `{"level":"info","msg":"run"}\n{}\n${json}`,
  'JSON log lines behind': `${json}{"level":"info","msg":"done"}`,
  'a byte order mark and CRLF': `\uFEFF${json.replaceAll('\n', '\r\n')}`,
};

for (const [name, text] of Object.entries(noise)) {
  test(`output -json with ${name}`, () => {
    const decoded = decodeOutputs(text);
    assert.ok(decoded.ok);
    assert.equal(decoded.shape, 'output');
    const expected = { value: 'redis {a} "b"', sensitive: true, type: 'string' };
    assert.deepEqual([...decoded.outputs], [['host', expected]]);
  });
}

const shapes: Readonly<Record<string, readonly [string, string, readonly string[]]>> = {
  flat: ['flat', '{"a":"x","b":1,"c":["y"],"d":{"e":1}}', ['a', 'b', 'c', 'd']],
  'flat with a version of its own': ['flat', '{"version":"4","outputs":"x"}', ['version', 'outputs']],
  show: ['show', '{"format_version":"1.0","values":{"outputs":{"a":{"sensitive":false,"value":1}}}}', ['a']],
  'show of an empty state': ['show', '{"format_version":"1.0"}', []],
  state: ['state', '{"version":4,"terraform_version":"1.11.4","outputs":{"a":{"value":"x","type":"string"}}}', ['a']],
  empty: ['flat', '{}', []],
};

for (const [name, [shape, text, names]] of Object.entries(shapes)) {
  test(`shape: ${name}`, () => {
    const decoded = decodeOutputs(text);
    assert.ok(decoded.ok);
    assert.equal(decoded.shape, shape);
    assert.deepEqual([...decoded.outputs.keys()], names);
  });
}

const refused: readonly (readonly [string, RegExp])[] = [
  ['', /empty/],
  ['Warning: No outputs found', /no whole JSON object/],
  ['{"a": {"value": "hunter22"', /no whole JSON object in its 26/],
  ['{"format_version":"1.2","planned_values":{}}', /plan/],
  ['{"version":3,"terraform_version":"0.11","modules":[]}', /version 3/],
];

for (const [text, why] of refused) {
  test(`refused: ${JSON.stringify(text)}`, () => {
    const decoded = decodeOutputs(text);
    assert.ok(!decoded.ok);
    assert.match(decoded.why, why);
    assert.doesNotMatch(decoded.why, /hunter22/);
  });
}

test('a name like __proto__ is a name like others', () => {
  const decoded = decodeOutputs('{"__proto__":{"value":"x"},"constructor":{"value":"y"}}');
  assert.ok(decoded.ok);
  assert.deepEqual([...decoded.outputs.keys()], ['__proto__', 'constructor']);
});

test('no text makes it throw', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '"',
    '\\',
    '[',
    ':',
    ',',
    '"a"',
    '{"a":1}',
    '\n',
    'x',
    '\u0000',
    '{"version":4',
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void decodeOutputs(text)));
  fc.assert(fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => void decodeOutputs(parts.join(''))));
});

test('whatever Terraform writes is found behind any noise without braces', () => {
  const outputs = fc.dictionary(fc.string(), fc.record({ value: fc.jsonValue(), sensitive: fc.boolean() }), {
    minKeys: 1,
  });
  const words = fc.string().map((text) => text.replace(/[{}]/g, ''));
  fc.assert(
    fc.property(words, outputs, fc.string(), (before, values, after) => {
      const decoded = decodeOutputs(before + JSON.stringify(values) + after);
      assert.ok(decoded.ok && decoded.shape === 'output');
      // JSON has no -0.
      const parsed: typeof values = JSON.parse(JSON.stringify(values));
      const expected = Object.entries(parsed).map(([name, { value }]) => [name, value]);
      assert.deepEqual(
        [...decoded.outputs].map(([name, { value }]) => [name, value]),
        expected,
      );
    }),
  );
});

test('a megabyte of open braces costs little', () => {
  const start = performance.now();
  assert.equal(decodeOutputs('{'.repeat(1_000_000)).ok, false);
  assert.ok(performance.now() - start < 3_000);
});
