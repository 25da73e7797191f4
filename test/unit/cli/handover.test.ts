import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at } from '../../../src/model/json.ts';
import { findingIds, makeFolder, resultOf, runCli } from '../../support/cli.ts';

const config = `application: shop
namespace: shop
manifests: [k8s]
inputs: {password: {secret: true, prompt: Password}}
`;
const settings = (value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {value: "${value}"}\n`;
const env = { OMS_INPUT_PASSWORD: 'correct-horse' };
const into = ['--output-dir', 'out', '--repo', 'https://git.example.com/shop.git'];

test('flags that do not go together are refused, with what to do', async (t) => {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': settings('x') });
  const wrong = [
    [['--repo', 'https://x'], /--repo is of no use without --for/],
    [['--for', 'flux'], /Flux applies a folder per wave[\s\S]*--output-dir/],
    [['--for', 'argocd', '--show-secrets'], /exclude each other/],
    [['--for', 'argocd', '--repo', 'GitRepository/x'], /is no URL/],
    [['--for', 'argocd', '--secret-store', 'A B'], /names no store/],
    [['--for', 'flux', '--output-dir', '../out'], /can't be told[\s\S]*--path/],
    [['--for', 'helm'], /argocd or flux/],
  ] as const;
  for (const [args, message] of wrong) {
    const run = await runCli(['render', ...args], { cwd, env });
    assert.equal(run.code, 2, args.join(' '));
    assert.match(run.stderr, message);
  }
  assert.deepEqual((await readdir(cwd)).sort(), ['k8s', 'oms-deploy.yaml']);
});

test('the value of a secret outside a Secret is an error: nothing is written', async (t) => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': settings('${password}') });
  const run = await runCli(['render', '--for', 'argocd', '--output', 'json', ...into], { cwd, env });
  assert.equal(run.code, 3, run.stdout);
  assert.ok(findingIds(run).includes('gitops/secret-in-clear'));
  const finding = arrayOf(resultOf(run)['findings']).find((one) => at(one, 'id') === 'gitops/secret-in-clear');
  assert.equal(at(finding, 'line'), 4);
  assert.deepEqual((await readdir(cwd)).sort(), ['k8s', 'oms-deploy.yaml']);
});

test('a rendering takes the place of the one before, and of nothing else', async (t) => {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': settings('x'), 'other.yaml': 'a: b\n' });
  const render = (engine: string) => runCli(['render', '--for', engine, ...into], { cwd, env });
  const files = async () => (await readdir(join(cwd, 'out'), { recursive: true, encoding: 'utf8' })).sort();
  const argo = ['application.yaml', 'waves', 'waves/02-config', 'waves/02-config/configmap-settings.yaml'];
  const rendered = await render('argocd');
  assert.equal(rendered.code, 0);
  assert.match(rendered.stdout, /^2 files written to out\n {2}next .*: kubectl apply -f out\/application\.yaml\n$/);
  assert.deepEqual(await files(), argo);
  const first = await readFile(join(cwd, 'out/waves/02-config/configmap-settings.yaml'), 'utf8');
  const other = await render('flux');
  assert.equal(other.code, 0);
  assert.match(other.stderr, /Removed from out, of the rendering before: application\.yaml$/m);
  assert.ok(!(await files()).includes('application.yaml'));
  assert.equal((await render('argocd')).code, 0);
  assert.deepEqual(await files(), argo);
  // The same manifests make the same text: git shows only what is another.
  assert.equal(await readFile(join(cwd, 'out/waves/02-config/configmap-settings.yaml'), 'utf8'), first);

  await writeFile(join(cwd, 'out/waves/mine.yaml'), 'kind: ConfigMap\n');
  const refused = await render('argocd');
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /waves\/mine\.yaml/);
  await writeFile(join(cwd, 'out/waves/mine.yaml'), first);
  await symlink(join(cwd, 'other.yaml'), join(cwd, 'out/link.yaml'));
  assert.equal((await render('flux')).code, 2);
  assert.deepEqual(await files(), [...argo, 'link.yaml', 'waves/mine.yaml'].sort());
});

test('a folder that cannot be one is a wrong argument, with an engine and without', async (t) => {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': settings('x'), 'out/file': 'mine' });
  for (const more of [[], ['--for', 'flux', '--repo', 'GitRepository/shop', '--path', 'x']]) {
    for (const folder of ['out/file', 'out/file/below']) {
      const run = await runCli(['render', '--output-dir', folder, ...more], { cwd, env });
      assert.equal(run.code, 2, run.stderr);
      assert.match(run.stderr, /can't be written[\s\S]*--output-dir/);
    }
  }
  assert.equal(await readFile(join(cwd, 'out/file'), 'utf8'), 'mine');
});

test('where the folder is in the repository is asked of git', async (t) => {
  const files = { 'services/shop/oms-deploy.yaml': config, 'services/shop/k8s/app.yaml': settings('x') };
  const top = await makeFolder(t, files);
  const cwd = join(top, 'services/shop');
  const render = (...args: readonly string[]) =>
    runCli(['render', '--for', 'argocd', '--repo', 'https://git.example.com/shop.git', ...args], { cwd, env });
  const pathIn = async (folder: string): Promise<string | undefined> =>
    /^ +path: (.*)$/m.exec(await readFile(join(cwd, folder, 'application.yaml'), 'utf8'))?.[1];
  assert.equal((await render('--output-dir', 'one')).code, 0);
  assert.equal(await pathIn('one'), 'one/waves');
  const unknown = await render('--output-dir', join(cwd, 'two'));
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /can't be told[\s\S]*--path/);

  execFileSync('git', ['init', '--quiet', top]);
  for (const folder of ['one', 'new/deploy', '../../gitops']) {
    assert.equal((await render('--output-dir', folder)).code, 0, folder);
    assert.equal(await pathIn(folder), `${join('services/shop', folder)}/waves`);
    assert.equal((await render('--output-dir', join(cwd, folder))).code, 0, folder);
    assert.equal(await pathIn(folder), `${join('services/shop', folder)}/waves`);
  }
  assert.equal((await render('--output-dir', 'one', '--path', '/own/')).code, 0);
  assert.equal(await pathIn('one'), 'own/waves');
});
