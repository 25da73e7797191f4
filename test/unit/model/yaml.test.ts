import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatYaml, offsetOf, parseYaml } from '../../../src/model/yaml.ts';

function read(text: string): unknown {
  const [document] = parseYaml(text).documents;
  assert.deepEqual(document?.errors ?? [], []);
  return document?.toJS();
}

/** What kubectl (sigs.k8s.io/yaml) makes of these scalars. */
const scalars: readonly (readonly [string, unknown])[] = [
  ['yes', true],
  ['No', false],
  ['on', true],
  ['off', false],
  ['true', true],
  ['0644', 420],
  ['0x1f', 31],
  ['1_000', 1000],
  ['1e3', 1000],
  ['1.10', 1.1],
  ['~', null],
  ['null', null],
  ['2001-01-01', '2001-01-01'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['12:30:45', '12:30:45'],
  ['190:20', '190:20'],
  ['0o644', 420],
  ['"yes"', 'yes'],
  ["'0644'", '0644'],
];

for (const [text, expected] of scalars) {
  test(`reads ${text} as kubectl does`, () => assert.deepEqual(read(`v: ${text}`), { v: expected }));
}

const manifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app.kubernetes.io/name: web
spec:
  ports:
    - port: 80
      protocol: TCP
    - port: 53
      protocol: UDP
  template:
    spec:
      containers:
        - name: a
          image: a:1
        - image: c:1
          name: c
          env:
            - name: A
              value: "1"
            - name: a.b]c
              value: "2"
data:
  app.conf: text
`;

const lines: readonly (readonly [string, number | undefined])[] = [
  ['spec.ports[0].port', 8],
  ['spec.ports[1]', 10],
  ['spec.ports[port=53,protocol="UDP"].protocol', 11],
  ['.spec.template.spec.containers[name="c"].image', 17],
  ['spec.template.spec.containers[0].image', 16],
  ['metadata.labels[app.kubernetes.io/name]', 5],
  ['.spec.template.spec.containers[name="c"].env[name="a.b]c"].value', 23],
  ['spec.template.spec.containers[1].env[0].value', 21],
  ['data["app.conf"]', 25],
  ['data[app.conf]', 25],
  // Not there: the deepest ancestor that is.
  ['spec.template.spec.containers[name="c"].imagee', 17],
  ['spec.template.spec.containers[name="z"].image', 14],
  ['spec.ports[7].port', 7],
  ['spec.ports[port=53,protocol="TCP"].protocol', 7],
  ['.metadata.labels.app.kubernetes.io/name', 4],
  ['status.phase', undefined],
  ['', undefined],
];

for (const [path, line] of lines) {
  test(`offsetOf ${path} is in line ${line}`, () => {
    const { documents, lines } = parseYaml(manifest);
    const [document] = documents;
    assert.ok(document);
    const offset = offsetOf(document, path);
    assert.equal(offset === undefined ? undefined : lines.linePos(offset).line, line);
  });
}

const strings: readonly string[] = [
  ...['yes', 'No', 'y', 'on', 'off', 'true', '0644', '08', '0x1f', '0b11', '1_000', '1e3', '1.e+3', '1.', '+1', '.5'],
  ...['null', '~', '', ' ', '.inf', '.nan', '<<', '=', '12:30', '2001-01-01', '- a', '-', 'a: b', '#x', 'a #b', '{a}'],
  ...['--- a', '%a', '@a', '`a', '&a', '*a', '!a', '|', '>', 'a\nb', 'a\nb\n', '\na', 'a\n\n', ' a\n b\n', 'a\r\nb'],
  ...['\t', 'a\tb', "'", '"', '\\n', 'é🚀', '\u0085', '\u2028', '\u0000', `${'long words '.repeat(30)}end`],
];

for (const text of strings) {
  test(`formatYaml keeps the string ${JSON.stringify(text)}`, () => {
    const value = { key: text, list: [text] };
    assert.deepEqual(read(formatYaml(value)), value);
  });
}

test('formatYaml keeps any JSON value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const expected: unknown = JSON.parse(JSON.stringify(value));
      fc.pre(!/__proto__|<</.test(JSON.stringify(expected)));
      assert.deepEqual(read(formatYaml({ value: expected })), { value: expected });
    }),
  );
});

test('formatYaml quotes what kubectl would read as another type', () => {
  assert.equal(
    formatYaml({ a: 'yes', b: '0644', c: '1e3', d: 'null', e: 'text', f: true, g: 420 }),
    ['a: "yes"', 'b: "0644"', 'c: "1e3"', 'd: "null"', 'e: text', 'f: true', 'g: 420', ''].join('\n'),
  );
});

test('formatYaml writes an object that occurs twice twice, and never folds a line', () => {
  const same = { a: 1 };
  assert.equal(formatYaml({ b: same, c: same }), 'b:\n  a: 1\nc:\n  a: 1\n');
  assert.equal(formatYaml({ x: 'word '.repeat(60).trim() }).split('\n').length, 2);
});
