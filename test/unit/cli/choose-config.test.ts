import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderedMark } from '../../../src/manifests/rendered-mark.ts';
import { arrayOf, at } from '../../../src/model/json.ts';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';
import { configMap } from '../init/helpers.ts';

const object = configMap({ a: 'b' });
const inNamespace = (namespace: string): string =>
  object.replace('{name: settings}', `{name: a, namespace: ${namespace}}`);
const config = 'application: shop\nnamespace: shop\nmanifests: [k8s]\n';

const others: readonly (readonly [
  what: string,
  files: Readonly<Record<string, string>>,
  folder: string,
  way: string,
])[] = [
  ['a usual folder', { 'k8s/settings/a.yaml': object }, '.', '-f k8s'],
  ['another one', { 'deploy/a.yaml': object, 'deploy/Dockerfile': '' }, '.', '-f deploy'],
  ['a kustomization', { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': object }, '.', '-f .'],
  ['overlays', { 'k8s/overlays/dev/kustomization.yaml': 'resources: [../../x]\n' }, '.', '-f k8s'],
  ['a manifest', { 'web.yaml': object }, '.', '-f web.yaml'],
  ['a folder of an application', { 'oms-deploy.yaml': config, 'src/a.txt': '' }, 'src', '--config ../oms-deploy.yaml'],
  ['a folder far below', { 'oms-deploy.yaml': config, 'a/b/c.txt': '' }, 'a/b', '--config ../../oms-deploy.yaml'],
];

for (const [what, files, folder, way] of others) {
  test(`${what} is nobody's wish to deploy the built-in application`, async (t) => {
    const cwd = join(await makeFolder(t, files), folder);
    const { code, stdout, stderr } = await runCli(['lint'], { cwd });
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^x Which application\? There is no oms-deploy\.yaml here, but /m);
    assert.ok(stderr.includes(way), stderr);
    assert.match(stderr, /for crypto-oms: --config built-in/);
    const meant = await runCli(['lint', '--config', 'built-in', '--output', 'json'], { cwd });
    assert.deepEqual([meant.code, resultOf(meant)['application']], [0, 'crypto-oms']);
  });
}

test('no command guesses an application', async (t) => {
  const cwd = await makeFolder(t, { 'k8s/a.yaml': object });
  const commands = ['plan', 'up --yes --sandbox', 'up --yes -n shop', 'render', 'explain a', 'config show', 'status'];
  for (const command of [...commands, 'verify', 'rollback --yes', 'cleanup --yes']) {
    const { code, stderr } = await runCli(command.split(' '), { cwd });
    assert.equal(code, 2, `${command}: ${stderr}`);
    assert.match(stderr, /^x Which application/m, command);
  }
});

const goOn: readonly (readonly [what: string, files: Readonly<Record<string, string>>, folder: string])[] = [
  ['an empty folder', { 'x/a.txt': '' }, 'x'],
  [
    'a folder with what the built-in application takes',
    {
      'terraform/main.tf': '',
      'secrets.env': 'A=b\n',
      'values.yaml': 'a: 1\n',
      'kubeconfig.yaml': 'apiVersion: v1\nkind: Config\n',
      'deploy/run.sh': '',
    },
    '.',
  ],
  ['a repository below a folder with a configuration', { 'oms-deploy.yaml': config, 'app/.git/HEAD': '' }, 'app'],
];

for (const [what, files, folder] of goOn) {
  test(`${what} needs no flag for the built-in application`, async (t) => {
    const cwd = join(await makeFolder(t, files), folder);
    const run = await runCli(['lint', '--output', 'json'], { cwd });
    assert.deepEqual([run.code, resultOf(run)['application']], [0, 'crypto-oms'], run.stdout);
  });
}

test('the folder that the built-in manifests stand for goes on, and it is said that it is not read', async (t) => {
  const cwd = await makeFolder(t, {});
  await mkdir(join(cwd, 'k8s'));
  const original = join(import.meta.dirname, '..', '..', 'fixtures', 'original-oms', 'k8s');
  await cp(original, join(cwd, 'k8s'), { recursive: true });
  const { code, stderr } = await runCli(['lint'], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /k8s is not read: crypto-oms is deployed from its built-in manifests \(-f k8s takes these\)/);
});

test('of what was rendered of the built-in manifests nothing is said', async (t) => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: crypto-oms\n';
  const cwd = await makeFolder(t, { 'deploy/a.yaml': `${renderedMark}\n${text}` });
  const { code, stderr } = await runCli(['lint'], { cwd });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /is not read/);
});

test('a place that is named needs no application', async (t) => {
  const cwd = await makeFolder(t, { 'k8s/a.yaml': object, none: '' });
  for (const flags of [
    ['-n', 'shop'],
    ['--application', 'shop'],
  ]) {
    const { code, stderr } = await runCli(['history', ...flags, '--kubeconfig', 'none'], { cwd });
    assert.notEqual(code, 2, stderr);
  }
});

test('lint needs no namespace, and calls manifests without a configuration by where they are', async (t) => {
  const cwd = await makeFolder(t, {
    'k8s/a.yaml': object,
    'two/a.yaml': inNamespace('a'),
    'two/b.yaml': inNamespace('b'),
  });
  const lint = (path: string, stdin = '') => runCli(['lint', '-f', path, '--output', 'human'], { cwd, stdin });
  const runs = [await lint('k8s'), await lint('two'), await lint('-', object)];
  const titles = runs.map(({ code, stdout }) => [code, stdout.split('\n')[0]]);
  assert.deepEqual(titles, [
    [0, 'k8s - lint   1 object'],
    [0, 'two - lint   2 objects'],
    [0, 'standard input - lint   1 object'],
  ]);
  const broken = await lint('nowhere');
  assert.deepEqual([broken.code, broken.stdout.split('\n')[0]], [3, 'nowhere - lint   0 objects']);
  assert.equal((await runCli(['plan', '-f', 'k8s', '--sandbox'], { cwd })).code, 2);
});

test('a Terraform folder that is not there is called a folder', async (t) => {
  const cwd = await makeFolder(t, { file: '' });
  for (const [dir, said] of [
    ['none', 'The folder none does not exist.'],
    ['file', 'The folder file is not a directory.'],
  ] as const) {
    const { code, stderr } = await runCli(['render', '--terraform-dir', dir], { cwd });
    assert.equal(code, 3);
    assert.ok(stderr.includes(said), stderr);
  }
});

test('a command without manifests of its own names the flag that it has', async (t) => {
  const cwd = await makeFolder(t, { 'k8s/a.yaml': object });
  for (const command of ['status', 'logs', 'history', 'rollback', 'unlock', 'cleanup --yes']) {
    const { stderr } = await runCli(command.split(' '), { cwd });
    assert.match(stderr, /--namespace <name>/, command);
    assert.doesNotMatch(stderr, /-f k8s/, command);
  }
  assert.match((await runCli(['verify'], { cwd })).stderr, /--namespace <name>, with -f k8s/);
});

test('what is wrong with the flags themselves comes before the question which application', async (t) => {
  const cwd = await makeFolder(t, { 'k8s/a.yaml': object });
  for (const command of ['up', 'plan', 'render', 'config show']) {
    const { code, stderr } = await runCli([...command.split(' '), '--set', 'a=b', '--set', 'secret'], { cwd });
    assert.equal(code, 2, command);
    assert.match(stderr, /^x The value of --set number 2 is not name=value\.$/m, command);
    assert.doesNotMatch(stderr, /secret/, command);
  }
  assert.match((await runCli(['up', '--tag', 'a b'], { cwd })).stderr, /^x --tag "a b" is no tag/m);
});

test('an environment needs a configuration, which the built-in one is not', async (t) => {
  const cwd = await makeFolder(t, { 'a.txt': '' });
  const { code, stderr } = await runCli(['plan', '--env', 'prod'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /There is no environment prod: there is no oms-deploy\.yaml here/);
  assert.doesNotMatch(stderr, /templates/);
});

test('lint names no namespace that nobody has written', async (t) => {
  const service = (metadata: string): string => `apiVersion: v1\nkind: Service\nmetadata: ${metadata}\nspec: {}\n`;
  const cwd = await makeFolder(t, {
    'k8s/a.yaml': service('{name: a}'),
    'own/a.yaml': service('{name: a, namespace: default}'),
    'b/a.yaml': service('{name: a, namespace: b}'),
  });
  const seen = async (...args: readonly string[]) => {
    const run = await runCli(['lint', ...args, '--output', 'json'], { cwd });
    const found = arrayOf(resultOf(run).findings).find((one) => at(one, 'id') === 'service/no-ports');
    return String(at(found, 'cause')).split(' has ')[0];
  };
  assert.equal(await seen('-f', 'k8s'), 'Service a');
  assert.equal(await seen('-f', 'k8s', '-n', 'shop'), 'Service shop/a');
  assert.equal(await seen('-f', 'own'), 'Service default/a');
  assert.equal(await seen('-f', 'b'), 'Service b/a');
});
