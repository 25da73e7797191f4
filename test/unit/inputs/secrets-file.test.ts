import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseDotenv } from '../../../src/inputs/dotenv.ts';
import { parseSecrets, readSecretsFile } from '../../../src/inputs/secrets-file.ts';
import { tempFile } from './helpers.ts';

const values: readonly (readonly [string, string])[] = [
  ['A=x', 'x'],
  ['export A=x', 'x'],
  ['  A = x  ', 'x'],
  ['A=', ''],
  ['A=a=b#c$d%e', 'a=b#c$d%e'],
  ['A=$HOME', '$HOME'],
  ["A='x # \\n $y'", 'x # \\n $y'],
  ['A="x\\ny\\"z\\\\ \\q"', 'x\ny"z\\ \\q'],
  ['A="x" # comment', 'x'],
  ["A=' x '", ' x '],
  ["A='two\nlines'", 'two\nlines'],
  ['\uFEFFA=x\r\n', 'x'],
  ["A=it's", "it's"],
  ['# A=1\n\nA=2', '2'],
];

for (const [text, value] of values) {
  test(`dotenv ${JSON.stringify(text)}`, () => {
    const { entries, problems } = parseDotenv(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      entries.map((entry) => [entry.key, entry.value]),
      [['A', value]],
    );
  });
}

const broken: readonly (readonly [string, number, RegExp])[] = [
  ['A=1\nB="hunter22\nC=3', 2, /never closed/],
  ['A=1\nhunter22', 2, /not KEY=value/],
  ['A=hunter22 # comment', 1, /behind a space/],
  ['A="hunter22"x', 1, /goes on behind/],
  ["A='x\ny'\n\n2B=hunter22", 4, /not KEY=value/],
  ['A= #hunter22', 1, /starts with #/],
];

for (const [text, line, why] of broken) {
  test(`broken dotenv ${JSON.stringify(text)}`, () => {
    const { findings } = parseSecrets(text, 's.env', ['a', 'b', 'c']);
    assert.deepEqual(
      findings.map((finding) => finding.origin),
      [{ file: 's.env', line }],
    );
    assert.match(findings[0]?.cause ?? '', why);
    assert.doesNotMatch(JSON.stringify(findings), /hunter22/);
  });
}

test('keys are input names in any case, with or without the prefix', () => {
  const { values: read, findings } = parseSecrets('DB_PASSWORD=a\noms_input_db_user=b\nOMS_INPUT_X=c', 's', [
    'db_password',
    'db_user',
    'x',
  ]);
  assert.deepEqual(findings, []);
  assert.deepEqual([...read.keys()], ['db_password', 'db_user', 'x']);
});

test('an unknown key is a warning that says what was meant', () => {
  const { findings } = parseSecrets('A=1\nDB_PASWORD=hunter22', 's.env', ['a', 'db_password']);
  assert.equal(findings.length, 1);
  assert.equal(findings[0]?.severity, 'warning');
  assert.equal(findings[0]?.fix, 'Did you mean db_password?');
  assert.doesNotMatch(JSON.stringify(findings), /hunter22/);
});

test('a line of a PEM key that looks like a key is not shown', () => {
  const { findings } = parseSecrets('MIIEvQIBADANBg=\nabcDEF123==', 's.env', ['a']);
  assert.deepEqual(findings[0]?.evidence, ['s.env:1: the key in this line', 's.env:2: the key in this line']);
  assert.doesNotMatch(JSON.stringify(findings), /MIIE|abcDEF/);
});

test('two values for one input are refused', () => {
  const { findings } = parseSecrets('A=hunter22\na=hunter33', 's.env', ['a']);
  assert.match(findings[0]?.cause ?? '', /s\.env:2: a has another value than in line 1/);
  assert.doesNotMatch(JSON.stringify(findings), /hunter/);
});

test('flat JSON', () => {
  const { values: read, findings } = parseSecrets('{\n "A": "x=#$",\n "b": 12,\n "c": true\n}', 's.json', [
    'a',
    'b',
    'c',
  ]);
  assert.deepEqual(findings, []);
  assert.deepEqual(
    [...read].map(([name, { value, line }]) => [name, value, line]),
    [
      ['a', 'x=#$', 2],
      ['b', '12', 3],
      ['c', 'true', 4],
    ],
  );
});

const brokenJson: readonly (readonly [string, number])[] = [
  ['{\n "a": "hunter22",\n "b": hunter22 hunter22"\n}', 3],
  ['{\n "a": {"b": "hunter22"}\n}', 2],
  ['{\n "a": "hunter22",\n "a": "x"\n}', 3],
  ['{\n "a": ["hunter22"]}', 2],
];

for (const [text, line] of brokenJson) {
  test(`broken JSON ${JSON.stringify(text)}`, () => {
    const { findings } = parseSecrets(text, 's.json', ['a', 'b']);
    assert.equal(findings[0]?.origin?.line, line);
    assert.doesNotMatch(JSON.stringify(findings), /hunter22/);
  });
}

for (const mode of [0o644, 0o640, 0o604, 0o660]) {
  test(`a file of mode ${mode.toString(8)} is refused`, {
    skip: process.platform === 'win32' && 'no modes',
  }, async () => {
    const path = await tempFile('s.env', 'A=hunter22\n');
    await chmod(path, mode);
    const { values: read, findings } = await readSecretsFile(path, ['a'], '/');
    assert.equal(read.size, 0);
    assert.equal(findings[0]?.id, 'inputs/secrets-file-mode');
    assert.equal(findings[0]?.fix, `Run: chmod 600 ${path}`);
  });
}

test('a private file is read; a missing one and a folder are explained', async () => {
  const path = await tempFile('s.env', 'A=x\n');
  assert.equal((await readSecretsFile(path, ['a'], '/')).values.get('a')?.value, 'x');
  assert.match((await readSecretsFile('none.env', ['a'], '/')).findings[0]?.cause ?? '', /does not exist/);
  assert.equal((await readSecretsFile('/', ['a'], '/')).findings.length, 1);
});

test('no text makes the parsers throw', () => {
  const pieces = fc.constantFrom(
    'A',
    '=',
    '"',
    "'",
    '\\',
    '\n',
    '#',
    ' ',
    '{',
    '}',
    ':',
    '[',
    '&a',
    '*a',
    '!!x',
    '\u0000',
    '\r',
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseSecrets(text, 'f', ['a'])));
  fc.assert(fc.property(fc.array(pieces), (parts) => void parseSecrets(parts.join(''), 'f', ['a'])));
  parseSecrets('{"a":'.repeat(20_000), 'f', ['a']);
  parseSecrets(`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`, 'f', ['a']);
});

test('any value survives double quotes, and single quotes where it has none of them', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const escaped = value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
      assert.equal(parseDotenv(`A="${escaped}"`).entries[0]?.value, value);
      const plain = value.replace(/['\r]/g, '');
      assert.equal(parseDotenv(`A='${plain}'`).entries[0]?.value, plain);
    }),
  );
});
