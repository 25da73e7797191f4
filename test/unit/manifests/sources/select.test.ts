import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadFiles } from '../../../../src/manifests/load.ts';
import { makeFolder } from '../../../support/cli.ts';
import { load, loadIn, namesOf, object, said } from './helpers.ts';

const tree = {
  'k8s/b.yaml': object('b'),
  'k8s/a.yml': object('a'),
  'k8s/sub/c.json': '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}',
  'k8s/.hidden/x.yaml': object('x'),
  'k8s/node_modules/y.yaml': object('y'),
  'k8s/notes.txt': 'text',
  'services/one/k8s/d.yaml': object('d'),
  'services/two/k8s/e.yaml': object('e'),
  'odd/[f].yaml': object('f'),
};

const selections: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a folder: by name, deep, without hidden files', ['k8s'], ['k8s/a.yml', 'k8s/b.yaml', 'k8s/sub/c.json']],
  [
    'paths as given, each file once',
    ['k8s/b.yaml', 'k8s', './k8s/b.yaml'],
    ['k8s/b.yaml', 'k8s/a.yml', 'k8s/sub/c.json'],
  ],
  ['a glob in one folder', ['k8s/*.yaml'], ['k8s/b.yaml']],
  [
    'a glob through all folders',
    ['**/*.yaml'],
    ['k8s/b.yaml', 'odd/[f].yaml', 'services/one/k8s/d.yaml', 'services/two/k8s/e.yaml'],
  ],
  ['alternatives', ['k8s/{a,b}.{yaml,yml}'], ['k8s/a.yml', 'k8s/b.yaml']],
  ['a glob of folders', ['services/*/k8s'], ['services/one/k8s/d.yaml', 'services/two/k8s/e.yaml']],
  ['everything below', ['k8s/**'], ['k8s/a.yml', 'k8s/b.yaml', 'k8s/sub/c.json']],
  ['without a file', ['k8s', '!k8s/a.yml'], ['k8s/b.yaml', 'k8s/sub/c.json']],
  ['without a folder, said first', ['!k8s/sub', 'k8s'], ['k8s/a.yml', 'k8s/b.yaml']],
  ['without what a glob matches', ['services/*/k8s', '!**/d.*'], ['services/two/k8s/e.yaml']],
  [
    'separators of Windows',
    ['k8s\\sub', 'services\\*\\k8s'],
    ['k8s/sub/c.json', 'services/one/k8s/d.yaml', 'services/two/k8s/e.yaml'],
  ],
  ['a name with the characters of a glob', ['odd/[f].yaml'], ['odd/[f].yaml']],
];

for (const [name, paths, expected] of selections) {
  test(`paths: ${name}`, async (t) => {
    const loaded = await loadIn(t, tree, paths);
    assert.deepEqual(loaded.findings.map(said), []);
    assert.deepEqual(namesOf(loaded), expected);
  });
}

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a path that is not there', ['kubernetes'], /^error manifests\/missing There is no file or folder kubernetes/],
  ['a file as a folder', ['k8s/b.yaml/x'], /^error manifests\/missing There is no file or folder k8s\/b.yaml\/x/],
  [
    'a glob without a match',
    ['k8s/*.yamll'],
    /^error manifests\/missing k8s\/\*\.yamll matches no manifest.*it starts in k8s;/,
  ],
  ['a glob in a folder that is not there', ['x/*.yaml'], /x\/\*\.yaml matches no manifest/],
  ['a glob below a file', ['k8s/b.yaml/*'], /k8s\/b.yaml can't be read \(ENOTDIR\)/],
  ['a glob that matches other files', ['k8s/*.txt'], /matches no manifest/],
  ['a glob of which all is left out', ['k8s/*.yaml', '!k8s/b.yaml'], /matches no manifest/],
  ['a file that is left out, too', ['k8s/b.yaml', '!k8s/b.yaml'], /^error manifests\/empty All manifests are left out/],
  ['only exclusions', ['!k8s'], /All paths begin with !/],
  [
    'a folder without manifests',
    ['k8s/.hidden/..', '!k8s'],
    /^error manifests\/empty All manifests of the folder .* are left out by/,
  ],
  ['an address', ['https://example.com/a.yaml'], /curl -fsSL https:\/\/example.com\/a.yaml \| oms-deploy/],
  ['a device', ['/dev/null'], /neither a file nor a folder.*-f -/],
];

for (const [name, paths, expected] of mistakes) {
  test(`a mistake in paths: ${name}`, async (t) => {
    const { files, findings } = await loadIn(t, tree, paths);
    assert.deepEqual(files, []);
    assert.equal(findings.length, 1);
    assert.match(findings.map(said).join('\n'), expected);
  });
}

test('a mistake in a path of the configuration is told at its line', async (t) => {
  const directory = await makeFolder(t, tree);
  const origin = { file: 'oms-deploy.yaml', line: 7 };
  const paths = [{ path: 'k8s' }, { path: 'gone', origin }];
  const reading = { cwd: directory, env: {}, readStdin: () => Promise.resolve('') };
  const { findings } = await loadFiles({ paths, directory, styles: [], ...reading }, new AbortController().signal);
  assert.deepEqual(findings.map(said), [
    'error manifests/missing oms-deploy.yaml:7 There is no file or folder gone. |  | Correct the path.',
  ]);
});

test('symbolic links are followed, but not in circles, and the same file is taken once', async (t) => {
  const folder = await makeFolder(t, { 'k8s/a.yaml': object('a'), 'shared/b.yaml': object('b') });
  symlinkSync(join(folder, 'shared'), join(folder, 'k8s/shared'));
  symlinkSync(join(folder, 'k8s'), join(folder, 'k8s/round'));
  symlinkSync(join(folder, 'k8s/a.yaml'), join(folder, 'k8s/z.yaml'));
  const loaded = await load(folder, ['k8s']);
  assert.deepEqual(loaded.findings, []);
  assert.deepEqual(namesOf(loaded), ['k8s/a.yaml', 'k8s/shared/b.yaml']);
});

test('what a folder holds and nobody can read is told, not passed over', async (t) => {
  const folder = await makeFolder(t, { 'k8s/a.yaml': object('a') });
  symlinkSync(join(folder, 'gone'), join(folder, 'k8s/link.yaml'));
  const { findings } = await load(folder, ['k8s']);
  assert.match(findings.map(said).join(), /manifests\/unreadable k8s\/link.yaml can't be read \(ENOENT\)/);
  assert.deepEqual((await load(folder, ['k8s/*.yaml'])).findings, findings);
  for (const paths of [['k8s/a.*'], ['k8s', '!k8s/link.yaml']])
    assert.deepEqual((await load(folder, paths)).findings, []);
});

test('files outside the working directory have their whole path', async (t) => {
  const folder = await makeFolder(t, { 'k8s/a.yaml': object('a'), 'here/x': '' });
  const loaded = await load(folder, ['k8s'], { cwd: join(folder, 'here') });
  assert.deepEqual(namesOf(loaded), [join(folder, 'k8s/a.yaml')]);
});
