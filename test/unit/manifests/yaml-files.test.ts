import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { render } from '../../../src/manifests/render.ts';
import { helmParts } from '../../../src/manifests/sources/source-file.ts';
import { at } from '../../../src/model/json.ts';
import { formatOrigin } from '../../../src/model/object.ts';
import { formatYaml } from '../../../src/model/yaml.ts';
import { bodiesOf, inputsFrom, loaded, placesOf, renderText, valuesWith } from './helpers.ts';

const object = (name: string, rest = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${rest}`;

test('several documents, each with its own line; empty ones are passed over', () => {
  const text = `# head\n---\n${object('a')}---\n---\n# only a comment\n---\n\n${object('b')}...\n---\nnull\n`;
  const { manifests, findings } = renderText(text);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    manifests.map(({ ref, origin }) => `${ref.name}:${origin.line}`),
    ['a:3', 'b:12'],
  );
});

test('lineOf gives the line of a field, of its own document', () => {
  const { manifests } = renderText(`${object('a', 'data:\n  x: "1"\n')}---\n${object('b', 'data:\n  x: "1"\n')}`);
  assert.deepEqual(
    manifests.map(({ lineOf }) => [lineOf('data.x'), lineOf('metadata.name'), lineOf('spec.x')]),
    [
      [6, 4, undefined],
      [13, 11, undefined],
    ],
  );
});

test('an empty file, and one with comments alone', () => {
  assert.deepEqual(bodiesOf(''), []);
  assert.deepEqual(bodiesOf('# nothing\n---\n'), []);
});

test('CRLF, a BOM and tabs in JSON', () => {
  const plain = bodiesOf(object('a', 'data:\n  x: |\n    one\n    two\n'));
  assert.deepEqual(
    bodiesOf(`\uFEFF${object('a', 'data:\n  x: |\n    one\n    two\n')}`.replaceAll('\n', '\r\n')),
    plain,
  );
  const json = JSON.stringify(plain[0], null, '\t');
  assert.deepEqual(bodiesOf(json), plain);
});

test('anchors and merge keys, with placeholders in them', () => {
  const text = object(
    'a',
    'spec:\n  base: &base\n    host: ${host}\n    port: ${port}\n  one:\n    <<: *base\n    port: 1\n  same: *base\n',
  );
  const [body] = bodiesOf(text, { inputs: inputsFrom('terraform', { host: 'h', port: 2 }) });
  assert.deepEqual(at(body, 'spec'), {
    base: { host: 'h', port: 2 },
    one: { host: 'h', port: 1 },
    same: { host: 'h', port: 2 },
  });
});

test('types as kubectl reads them', () => {
  const [body] = bodiesOf(object('a', 'spec:\n  a: yes\n  b: 0644\n  c: 2001-01-01\n  d: 12:30\n  e: "no"\n'));
  assert.deepEqual(at(body, 'spec'), { a: true, b: 420, c: '2001-01-01', d: '12:30', e: 'no' });
});

test('the items of a List are objects of their own, at their own lines', () => {
  const { manifests, findings } = renderText(
    'apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a}\n    data:\n      x: "1"\n' +
      '  - kind: ConfigMap\n    metadata: {name: b}\n  - text\n',
  );
  assert.deepEqual(
    manifests.map(({ ref, origin, lineOf }) => [ref.name, origin.line, lineOf('data.x')]),
    [['a', 4, 8]],
  );
  assert.deepEqual(placesOf({ findings }), ['manifests/object k8s/app.yaml:9', 'manifests/object k8s/app.yaml:11']);
});

test('typed lists, whose items need no kind of their own, as kubectl takes them apart', () => {
  const { manifests, findings } = renderText(
    'apiVersion: v1\nkind: SecretList\nitems:\n  - metadata: {name: a}\n    stringData: {x: 0644}\n' +
      '---\napiVersion: example.com/v1\nkind: AllowList\nmetadata: {name: b}\n',
  );
  assert.deepEqual(findings, []);
  assert.deepEqual(
    manifests.map(({ ref }) => ref),
    [
      { apiVersion: 'v1', kind: 'Secret', name: 'a' },
      { apiVersion: 'example.com/v1', kind: 'AllowList', name: 'b' },
    ],
  );
});

test('an empty list holds nothing', () => {
  assert.deepEqual(bodiesOf('apiVersion: v1\nkind: List\nitems: []\n'), []);
});

test('of rendered text the file that a line came from is told', () => {
  const text = `---\n# Source: web/templates/a.yaml\n${object('a')}---\n${object('b')}---\n# Source: web/templates/c.yaml\nkind: C\n`;
  const { manifests, findings } = render([{ name: '<stdin>', text, parts: helmParts(text) }], valuesWith({}));
  assert.deepEqual(
    manifests.map(({ origin }) => formatOrigin(origin)),
    ['<stdin>:3 (web/templates/a.yaml)', '<stdin>:8'],
  );
  assert.deepEqual(
    findings.map(({ origin }) => origin),
    [{ file: '<stdin>', line: 14, source: 'web/templates/c.yaml' }],
  );
});

const broken: readonly (readonly [string, string, string, RegExp])[] = [
  ['unclosed brackets', 'a: [1,\nb: 2\n', 'manifests/yaml', /isn't valid YAML/],
  ['a key that stands twice', 'a: 1\na: 2\n', 'manifests/yaml', /The key "a" stands twice/],
  ['a tab as indentation', 'a:\n\tb: 1\n', 'manifests/yaml', /[Tt]ab/],
  ['an alias without an anchor', 'a: *b\n', 'manifests/yaml', /can't be read as YAML: .*alias/],
  ['a merge of a scalar', '<<: 5\n', 'manifests/yaml', /can't be read as YAML: .*[Mm]erge/],
  ['a text', 'just text\n', 'manifests/object', /not a Kubernetes object/],
  ['a number', '5\n', 'manifests/object', /not a Kubernetes object/],
  ['a list', '- a\n- b\n', 'manifests/object', /is a list, not a Kubernetes object/],
  ['a number with too many digits', 'a: 9007199254740993\n', 'manifests/yaml', /9007199254740993 would not arrive/],
  ['a number without end', 'a: .inf\n', 'manifests/yaml', /\.inf would not arrive/],
  ['a key that is a mapping', 'a: {{ b }}\n', 'manifests/yaml', /A key is a mapping or a list/],
  ['values of a chart', 'image: a:1\n', 'manifests/object', /has no apiVersion and no kind/],
  ['no kind', 'apiVersion: v1\nmetadata: {name: a}\n', 'manifests/object', /has no kind/],
  ['a kind that is no text', 'apiVersion: v1\nkind: 5\nmetadata: {name: a}\n', 'manifests/object', /has no kind/],
  ['no metadata', 'apiVersion: v1\nkind: Pod\n', 'manifests/object', /Pod has no metadata.name/],
  [
    'an empty name',
    'apiVersion: v1\nkind: Pod\nmetadata: {name: ""}\n',
    'manifests/object',
    /Pod has no metadata.name/,
  ],
  ['metadata that is a text', 'apiVersion: v1\nkind: Pod\nmetadata: x\n', 'manifests/object', /no metadata.name/],
];

for (const [name, text, id, cause] of broken) {
  test(`refused with one finding: ${name}`, () => {
    const { manifests, findings } = renderText(`${object('fine')}---\n${text}`);
    assert.deepEqual(
      manifests.map(({ ref }) => ref.name),
      ['fine'],
    );
    assert.deepEqual([...new Set(findings.map((finding) => finding.id))], [id]);
    assert.match(findings[0]?.cause ?? '', cause);
    assert.ok((findings[0]?.origin?.line ?? 0) >= 6, 'the line is in the broken document');
  });
}

test('generateName is refused with its reason', () => {
  const { findings } = renderText('apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}\n');
  assert.deepEqual(
    findings.map(({ cause, fix }) => [cause, fix]),
    [['Pod has no metadata.name.', 'Use a fixed name: generateName makes a new object on every run.']],
  );
});

test('an alias bomb is a finding, at once', () => {
  const levels = Array.from({ length: 12 }, (_, level) => {
    const items = level === 0 ? Array(9).fill('lol') : Array(9).fill(`*l${level - 1}`);
    return `l${level}: &l${level} [${items.join(', ')}]`;
  });
  const started = performance.now();
  const rendering = renderText(`${object('a')}${levels.join('\n')}\n`);
  assert.deepEqual(placesOf(rendering), ['manifests/yaml k8s/app.yaml:1']);
  assert.match(rendering.findings[0]?.cause ?? '', /alias/i);
  assert.ok(performance.now() - started < 2000);
});

for (const depth of [500, 5_000, 50_000]) {
  test(`a nesting of ${depth} is one finding`, () => {
    for (const text of [
      `a: ${'['.repeat(depth)}`,
      `a: ${'['.repeat(depth)}${']'.repeat(depth)}`,
      `${'- '.repeat(depth)}a`,
    ]) {
      const { manifests, findings } = renderText(text);
      assert.deepEqual(manifests, []);
      assert.equal(findings.length, 1, text.slice(0, 20));
      assert.match(findings[0]?.cause ?? '', /nested too deeply/);
    }
  });
}

test('a nesting of 100 is taken', () => {
  const value = `${'['.repeat(100)}${']'.repeat(100)}`;
  assert.equal(renderText(object('a', `spec: ${value}\n`)).manifests.length, 1);
});

test('many keys take no time of their own', () => {
  const data = Array.from({ length: 50_000 }, (_, index) => `  key${index}: value\n`).join('');
  const started = performance.now();
  assert.equal(renderText(object('a', `data:\n${data}`)).manifests.length, 1);
  assert.ok(performance.now() - started < 15_000, 'comparing each key with each other would take a minute');
});

// The same tree is written with placeholders and with the values in their place: rendering the one must give the other.
const values = inputsFrom('terraform', {
  plain: 'text',
  nasty: '"\' : # {} [] ${plain} REPLACE_WITH_PLAIN <PLAIN_X>\n- a: b\r\n\té🚀 $& $$',
  number: 42,
});
const placeholders = ['${plain}', 'REPLACE_WITH_NASTY', '${nasty}', '${number}', 'a ${number} b', '"${plain}"'];

const leaf = fc.oneof(
  fc.constantFrom(...placeholders),
  fc.string().filter((text) => !/\$\{|REPLACE|</.test(text)),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.stringMatching(/^[a-z$][a-z./-]{0,8}$/), fc.constant('k-${number}')), tie('tree'), {
      maxKeys: 4,
    }),
  ),
}));

function expected(value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{(\w+)\}|REPLACE_WITH_([A-Z]+)/g, (_, lower?: string, upper = '') =>
      String(values.get(lower ?? String(upper).toLowerCase())?.value),
    );
  }
  if (Array.isArray(value)) return value.map(expected);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [String(expected(key)), expected(inner)]));
}

/** Quotes every string, so that no placeholder takes a type. */
function quoted(value: unknown): string {
  return JSON.stringify(value);
}

for (const [name, write] of [
  ['YAML', formatYaml],
  ['JSON', quoted],
] as const) {
  test(`any tree, written as ${name}: values arrive byte for byte, nothing else changes`, () => {
    fc.assert(
      fc.property(tree, (spec) => {
        const body = { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'w' }, spec };
        const [actual] = bodiesOf(write(body), { inputs: values });
        const wanted = expected(body);
        // A lone plain ${number} is a number in YAML.
        const same = (v: unknown): string =>
          name === 'JSON' ? JSON.stringify(v) : JSON.stringify(v, (_, x: unknown) => (x === 42 ? '42' : x));
        assert.equal(same(actual), same(wanted));
      }),
    );
  });
}

test('no text at all makes it throw', () => {
  const pieces = fc.constantFrom(
    ...['a: ', '- ', '\n', '  ', '&a ', '*a', '<<: ', '${x}', '<A_B>', '{', '}', '[', ']', '"', "'", '|', '>', '---\n'],
    ...[
      'kind: List\n',
      'items:\n',
      'apiVersion: v1\n',
      '!!map ',
      '!!binary ',
      '? ',
      ': ',
      '#',
      '\t',
      '%YAML 9\n',
      '\uFEFF',
    ],
  );
  const text = fc.oneof(
    fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 30 }).map((parts) => parts.join('')),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
    fc.string({ unit: 'binary' }),
  );
  const given = valuesWith({ inputs: inputsFrom('env', { x: 'X' }), absent: ['a_b'] });
  fc.assert(
    fc.property(text, (content) => {
      const { manifests, findings } = render([loaded(content)], given);
      for (const { ref } of manifests) assert.notEqual(ref.name, '');
      for (const { origin } of findings) assert.ok((origin?.line ?? 0) >= 1);
    }),
    { numRuns: 500 },
  );
});
