import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at, type JsonObject } from '../../src/model/json.ts';
import { startApiProxy } from '../support/api-proxy.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { bareConfig } from '../support/workloads.ts';

const configMap = (name: string, annotations = '{}'): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, annotations: ${annotations}}\ndata: {a: b}\n`;
const claim = (name: string): string => `---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: ${name}, annotations: {oms-deploy.io/wave: '2'}}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;

async function appWith(t: Parameters<typeof makeApp>[0], text: string): Promise<TestApp> {
  return makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': text } });
}

async function upWith(app: TestApp, text: string, args: readonly string[] = []): Promise<CliResult> {
  await writeFile(join(app.folder, 'k8s/app.yaml'), text);
  const run = await app.run('up', ['--yes', ...args]);
  assert.equal(run.code, 0, run.stdout);
  return run;
}

/** The names of the ConfigMaps that are there, but for the one that every namespace has. */
async function configMaps({ sandbox, namespace }: TestApp): Promise<readonly string[]> {
  const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/configmaps`);
  const names = arrayOf(at(body, 'items')).map((item) => String(at(item, 'metadata', 'name')));
  return names.filter((name) => name !== 'kube-root-ca.crt');
}

function pruneFindings(run: CliResult): readonly string[] {
  return findingIds(run).filter((id) => id.startsWith('prune/'));
}

/** The objects that a run deleted, in their order. */
function deleted(run: CliResult): readonly string[] {
  return eventsOf(run)
    .filter(({ type, op }) => type === 'applied' && op === 'delete')
    .map(({ object }) => `${String(at(object, 'kind'))}/${String(at(object, 'name'))}`);
}

test('what left the manifests goes after success, in reverse order of the waves, and the plan says so', async (t) => {
  const binding = `---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: budget}
spec: {minAvailable: 1, selector: {matchLabels: {app: none}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: account}
`;
  const app = await appWith(t, `${configMap('keep')}${configMap('drop')}${binding}`);
  await upWith(app, `${configMap('keep')}${configMap('drop')}${binding}`);
  await writeFile(join(app.folder, 'k8s/app.yaml'), configMap('keep'));
  const plan = await app.run('plan', ['--output', 'human']);
  assert.match(plan.stdout, /- ConfigMap +drop +left the manifests/);
  assert.match(plan.stdout, /3 to delete/);
  const up = await upWith(app, configMap('keep'));
  assert.deepEqual(deleted(up), ['PodDisruptionBudget/budget', 'ConfigMap/drop', 'ServiceAccount/account']);
  assert.deepEqual(await configMaps(app), ['keep']);
  assert.deepEqual(deleted(await upWith(app, configMap('keep'))), []);
});

test('an object that somebody made anew under its name, or took our label from, is not ours any more', async (t) => {
  const all = ['keep', 'anew', 'unlabelled'].map((name) => configMap(name)).join('');
  const app = await appWith(t, all);
  await upWith(app, all);
  const path = `/api/v1/namespaces/${app.namespace}/configmaps`;
  const { body } = await app.sandbox.request('GET', `${path}/anew`);
  await app.sandbox.request('DELETE', `${path}/anew`);
  const labels = at(body, 'metadata', 'labels') as JsonObject;
  await app.sandbox.request('POST', path, { metadata: { name: 'anew', labels }, data: { by: 'hand' } });
  const patch = { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } };
  await app.sandbox.request('PATCH', `${path}/unlabelled`, patch, 'application/merge-patch+json');
  await upWith(app, configMap('keep'));
  assert.deepEqual(await configMaps(app), ['anew', 'keep', 'unlabelled']);
});

test('the annotation keeps an object, in the manifest or set by hand; --no-prune keeps all for a later time', async (t) => {
  const text = configMap('keep') + configMap('marked', '{oms-deploy.io/prune: never}') + configMap('later');
  const app = await appWith(t, text);
  await upWith(app, text);
  await upWith(app, configMap('keep'), ['--no-prune']);
  assert.deepEqual(await configMaps(app), ['keep', 'later', 'marked']);
  await upWith(app, configMap('keep') + configMap('more'));
  assert.deepEqual(await configMaps(app), ['keep', 'marked', 'more']);
});

test('a claim stays until it is asked for with what it holds', async (t) => {
  const text = configMap('keep') + claim('data');
  const app = await appWith(t, text);
  await writeFile(join(app.folder, 'k8s/app.yaml'), text);
  await app.run('up', ['--yes', '--timeout', '1s']);
  const get = () => app.sandbox.request('GET', `/api/v1/namespaces/${app.namespace}/persistentvolumeclaims/data`);
  const stays = await upWith(app, configMap('keep'));
  assert.deepEqual(pruneFindings(stays), ['prune/data']);
  assert.equal((await get()).status, 200);
  const again = await upWith(app, configMap('keep'));
  assert.deepEqual(pruneFindings(again), ['prune/data'], 'it is said until it is settled');
  assert.deepEqual(deleted(await upWith(app, configMap('keep'), ['--prune-data'])), ['PersistentVolumeClaim/data']);
  assert.equal((await get()).status, 404);
});

test('other namespaces and other applications are never touched', async (t) => {
  const other = await appWith(t, configMap('same'));
  await upWith(other, configMap('same'));
  const app = await appWith(t, configMap('same') + configMap('keep'));
  await upWith(app, configMap('same') + configMap('keep'));
  const neighbour = await makeApp(t, {
    files: {
      'oms-deploy.yaml': bareConfig.replace('application: web', 'application: two'),
      'k8s/app.yaml': configMap('two'),
    },
  });
  const inOneNamespace = { cwd: neighbour.folder };
  assert.equal((await app.run('up', ['--yes'], inOneNamespace)).code, 0);
  await upWith(app, configMap('keep'));
  assert.deepEqual(await configMaps(app), ['keep', 'two']);
  assert.deepEqual(await configMaps(other), ['same']);
});

test('where an object that left may not be read nothing is deleted, and that is said', async (t) => {
  const text = configMap('keep') + configMap('a') + configMap('b');
  const app = await appWith(t, text);
  await upWith(app, text);
  const forbidden = JSON.stringify({
    kind: 'Status',
    status: 'Failure',
    code: 403,
    reason: 'Forbidden',
    message: 'no',
  });
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    before: ({ method, url }) =>
      method === 'GET' && url.endsWith('/configmaps/b')
        ? { status: 403, body: forbidden, headers: { 'content-type': 'application/json' } }
        : undefined,
  });
  const run = await upWith(app, configMap('keep'), ['--kubeconfig', proxy.kubeconfig]);
  assert.deepEqual(pruneFindings(run), ['prune/unreadable']);
  assert.deepEqual(await configMaps(app), ['a', 'b', 'keep']);
  assert.deepEqual(deleted(await upWith(app, configMap('keep'))).length, 2);
});

test('what a failed deploy left behind is pruned by the next good one', async (t) => {
  const app = await appWith(t, configMap('keep'));
  await upWith(app, configMap('keep'));
  const broken = `${configMap('half')}---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: none}, ports: [{port: 80}]}\n`;
  await writeFile(join(app.folder, 'k8s/app.yaml'), configMap('keep') + broken);
  assert.equal((await app.run('up', ['--yes', '--timeout', '1s'])).code, 6);
  const run = await upWith(app, configMap('keep'));
  assert.deepEqual([...deleted(run)].sort(), ['ConfigMap/half', 'Service/s']);
  assert.equal(at(resultOf(run), 'changes', 'deleted'), 2);
});

test('a part of the manifests that is given beside the configuration prunes nothing', async (t) => {
  const all = configMap('a') + configMap('b');
  const app = await appWith(t, all);
  await upWith(app, all);
  await writeFile(join(app.folder, 'part.yaml'), configMap('a', '{note: more}'));
  const part = await app.run('up', ['--yes', '--manifests', 'part.yaml']);
  assert.equal(part.code, 0, part.stdout);
  assert.deepEqual(await configMaps(app), ['a', 'b']);
  // A rollback to such a release doesn't take what was there beside it, either.
  await upWith(app, configMap('a') + configMap('b', '{note: more}'));
  const back = await app.run('rollback', ['2', '--yes']);
  assert.equal(back.code, 0, back.stdout);
  assert.deepEqual(await configMaps(app), ['a', 'b']);
  assert.deepEqual(deleted(await upWith(app, configMap('a'))), ['ConfigMap/b']);
});
