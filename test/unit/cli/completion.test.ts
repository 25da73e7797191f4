import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { splitLine } from '../../../src/cli/complete/line.ts';
import { wantedAt } from '../../../src/cli/complete/wanted.ts';
import { makeFolder, runCli } from '../../support/cli.ts';

/** What can stand at the end of a line: `files`, the name of what is looked up, or the values that begin so. */
function at(line: string): string | readonly string[] {
  const { words } = splitLine(`oms-deploy ${line}`, '=:');
  const wanted = wantedAt(words.slice(1));
  if (wanted.kind === 'names') return `${wanted.flag ?? ''}${wanted.lookup}`;
  if (wanted.kind !== 'values') return `${wanted.flag ?? ''}${wanted.kind}`;
  const typed = (words.at(-1) ?? '').slice((wanted.flag ?? '').length);
  return wanted.values.map(({ value }) => value).filter((value) => value.startsWith(typed));
}

const lines: readonly (readonly [string, string | readonly string[]])[] = [
  ['ro', ['rollback', 'rollout']],
  ['hel', ['help']],
  ['--v', ['--version']],
  ['help ro', ['rollback', 'rollout']],
  ['help place', ['placeholders']],
  ['help up x', []],
  ['nothing-like-it ', []],
  ['up --rollback-', ['--rollback-on-failure', '--rollback-timeout']],
  ['up --rollback-timeout 5m --rollback-', ['--rollback-on-failure']],
  ['up --manifests a --manifest', ['--manifests']],
  ['up --hel', ['--help']],
  ['up --output ', ['human', 'plain', 'json']],
  ['up --output=p', ['plain']],
  ['up --env ', 'environments'],
  ['up --env=', '--env=environments'],
  ['up -n ', 'namespaces'],
  ['up --context ', 'contexts'],
  ['up --with ', 'addons'],
  ['up --set ', 'assignments'],
  ['up --skip-preflight=', '--skip-preflight=checks'],
  ['up --skip-preflight ', 'checks'],
  ['up --skip-preflight --rollback-t', ['--rollback-timeout']],
  ['up --skip-preflight quota/room --env ', 'environments'],
  ['rollout --skip-preflight quota/room undo ', 'workloads'],
  ['up -f ', 'files'],
  ['up --config=', '--config=files'],
  ['up --terraform-dir ', 'directories'],
  ['up --timeout ', []],
  ['up ', []],
  ['kubeconfig --exec ', ['aws', 'oms-deploy']],
  ['history ', ['list', 'show', 'diff']],
  ['history list ', []],
  ['history show ', 'releases'],
  ['history diff 6 ', 'releases'],
  ['rollback ', 'releases'],
  ['rollback --yes ', 'releases'],
  ['rollback --timeout 5m ', 'releases'],
  ['rollback --timeout ', []],
  ['rollout set', ['set-image']],
  ['rollout undo ', 'workloads'],
  ['rollout --yes undo ', 'workloads'],
  ['rollout set-image web ', []],
  ['logs ', 'workloads'],
  ['logs -- -', 'workloads'],
  ['logs -- web ', []],
  ['explain ', 'inputs'],
  ['sandbox sto', ['stop']],
  ['completion ', ['bash', 'zsh', 'fish']],
];

for (const [line, expected] of lines)
  test(`completion at: oms-deploy ${line}`, () => assert.deepEqual(at(line), expected));

test('a line is split as bash does it', () => {
  for (const [line, words, kept] of [
    ['a b', ['a', 'b'], ''],
    ['a ', ['a', ''], ''],
    ['', [''], ''],
    [`a 'b c' "d e`, ['a', 'b c', 'd e'], ''],
    ['a b\\ c', ['a', 'b c'], ''],
    ['a "b\\"c\\d"', ['a', 'b"c\\d'], ''],
    ['a --b=c:d', ['a', '--b=c:d'], '--b=c:'],
    ['a b\\:c', ['a', 'b:c'], ''],
    ['a --b="c', ['a', '--b=c'], '--b='],
    ['a $(b)', ['a', '$(b)'], ''],
  ] as const) {
    const split = splitLine(line, '=:');
    assert.deepEqual([split.words, split.kept], [words, kept], line);
  }
});

const config = `application: shop
namespace: shop
manifests: [k8s]
inputs: {endpoint: {description: Where it is}, db_password: {secret: true}}
addons: {metrics: {description: "Two\\nlines and a\\ttab", manifests: [m]}}
environments: {dev: {namespace: shop-dev}, prod: {}, "a\\nb": {}, "c\\e[31m": {}, "d\\u202ee": {}}
`;
const deployment = (name: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}}\n`;

/** What a shell is told, line by line. */
async function answer(cwd: string, words: readonly string[], env = {}): Promise<readonly string[]> {
  // Node 24 warns of a module of its own that a library uses; the scripts of the shells throw stderr away.
  const quiet = { ...env, NODE_NO_WARNINGS: '1' };
  const { code, stdout, stderr } = await runCli(['__complete', 'zsh', ...words], { cwd, env: quiet });
  assert.deepEqual([code, stderr], [0, '']);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
}

async function shop(t: TestContext, more: Readonly<Record<string, string>> = {}): Promise<string> {
  return makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/web.yaml': deployment('web'), ...more });
}

test('names come from the configuration; those with control characters and turned writing are left out', async (t) => {
  const folder = await shop(t);
  assert.deepEqual(await answer(folder, ['up', '--env', '']), ['values', 'dev', 'prod']);
  assert.deepEqual(await answer(folder, ['up', '--namespace', '']), ['values', 'shop', 'shop-dev']);
  const [form, own, ...shipped] = await answer(folder, ['up', '--with', '']);
  assert.deepEqual([form, own], ['values', 'metrics\tTwo lines and a tab']);
  assert.ok(shipped.some((line) => line.startsWith('quota\t')));
  assert.equal(shipped.at(-1), 'all\tevery add-on that there is');
  assert.deepEqual(await answer(folder, ['up', '--set', '']), ['open', 'endpoint=\tWhere it is']);
});

test('a configuration that is not valid still has environments, and else nothing', async (t) => {
  const folder = await shop(t, { 'oms-deploy.yaml': 'aplication: shop\nenvironments: {dev: {}}\n' });
  assert.deepEqual(await answer(folder, ['up', '--env', '']), ['values', 'dev']);
  assert.deepEqual(await answer(folder, ['up', '--with', '']), ['values']);
  assert.deepEqual(await answer(folder, ['up', '--config', 'missing.yaml', '--env', '']), ['values']);
});

test('contexts come from all kubeconfigs that count', async (t) => {
  const named = (name: string): string => `contexts: [{name: ${name}, context: {}}]\n`;
  const folder = await shop(t, { 'a.yaml': named('one'), 'b.yaml': named('two'), 'broken.yaml': 'a: [' });
  const env = { KUBECONFIG: 'a.yaml:missing:broken.yaml:b.yaml' };
  assert.deepEqual(await answer(folder, ['plan', '--context', ''], env), ['values', 'one', 'two']);
  assert.deepEqual(await answer(folder, ['plan', '--kubeconfig', 'b.yaml', '--context', ''], env), ['values', 'two']);
});

test('without a cluster workloads are those of the manifests, and releases none', async (t) => {
  const folder = await shop(t, { 'k8s/templated.yaml': deployment('${name}-x') });
  assert.deepEqual(await answer(folder, ['logs', '']), ['values', 'web\tDeployment']);
  assert.deepEqual(await answer(folder, ['rollback', '']), ['values']);
});

test('Terraform is never run, and the cluster that only it can name is not guessed', async (t) => {
  const asked: string[] = [];
  const server = createServer((socket) => {
    asked.push('connection');
    socket.destroy();
  });
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const folder = await shop(t, {
    'kube.yaml': kubeconfigOf(server.address()),
    'oms-deploy.yaml': `${config}terraform: {dir: tf, bin: ./terraform}\n`,
    'tf/main.tf': '',
    terraform: '#!/bin/sh\ntouch "$0.ran"\necho "{}"\n',
  });
  await chmod(join(folder, 'terraform'), 0o755);
  const env = { KUBECONFIG: 'kube.yaml' };
  assert.deepEqual(await answer(folder, ['logs', ''], env), ['values', 'web\tDeployment']);
  assert.deepEqual(await answer(folder, ['rollback', ''], env), ['values']);
  assert.deepEqual(asked, []);
  // Named, it is asked.
  assert.deepEqual(await answer(folder, ['logs', '--kubeconfig', 'kube.yaml', ''], env), ['values', 'web\tDeployment']);
  assert.notDeepEqual(asked, []);
  assert.ok(!existsSync(join(folder, 'terraform.ran')));
});

test('a cluster that does not answer is waited for 1.5 s at most', async (t) => {
  const server = createServer(() => undefined);
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const folder = await shop(t, { 'kube.yaml': kubeconfigOf(server.address()) });
  const startedMs = Date.now();
  const found = await answer(folder, ['logs', '--kubeconfig', 'kube.yaml', '']);
  // The program's own start is slow on a busy machine; a request would be waited for much longer.
  assert.ok(Date.now() - startedMs < 15_000, `${Date.now() - startedMs} ms`);
  assert.deepEqual(found, ['values', 'web\tDeployment']);
});

function kubeconfigOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:${port}", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: x}}]
`;
}

test('inputs of manifests that are given are their placeholders', async (t) => {
  const text =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: "${partner_id}", b: "${redis_port}", c: "${db_password}"}\n';
  const folder = await makeFolder(t, { 'k8s/a.yaml': text });
  const port = 'redis_port\tPort of Redis';
  assert.deepEqual(await answer(folder, ['explain', '-f', 'k8s', '']), ['values', 'partner_id', port, 'db_password']);
  const assigned = ['open', 'partner_id=', port.replace('\t', '=\t')];
  assert.deepEqual(await answer(folder, ['up', '-f', 'k8s', '--set', '']), assigned);
});
