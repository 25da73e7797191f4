import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, objectOf, stringOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, makeFolder, resultOf } from '../support/cli.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

interface Twin {
  readonly app: TestApp;
  /** The name of the second namespace, which a manifest makes. */
  readonly other: string;
  readonly write: (documents: string) => Promise<void>;
  /** The status of a GET below one of both namespaces, and the object. */
  readonly look: (namespace: string, path: string) => Promise<{ readonly status: number; readonly body: unknown }>;
}

async function twinOf(t: TestContext, createNamespace = false): Promise<Twin> {
  const other = `other-${randomBytes(4).toString('hex')}`;
  const app = await makeApp(t, { createNamespace, files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': '' } });
  t.after(() => app.sandbox.request('DELETE', `/api/v1/namespaces/${other}`));
  return {
    app,
    other,
    write: (documents) => writeFile(join(app.folder, 'k8s/app.yaml'), documents),
    look: (namespace, path) => app.sandbox.request('GET', path.replace('NS', `namespaces/${namespace}`)),
  };
}

const namespaceYaml = (name: string): string => `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;

function configYaml(name: string, namespace: string, value = '1'): string {
  const where = namespace === '' ? '' : `, namespace: ${namespace}`;
  return `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}${where}}\ndata: {value: "${value}"}\n`;
}

/** A Deployment in another namespace. */
function elsewhere(name: string, namespace: string, tag = '1.0'): string {
  return deploymentYaml(name, { tag }).replace(`{name: ${name},`, `{name: ${name}, namespace: ${namespace},`);
}

const up = (app: TestApp, args: readonly string[] = [], options = {}): Promise<CliResult> =>
  app.run('up', ['--yes', '--lock-duration', '1s', ...args], options);

function errorsIn(run: CliResult): readonly Readonly<Record<string, unknown>>[] {
  return arrayOf(resultOf(run)['findings'])
    .map(objectOf)
    .filter(({ severity }) => severity === 'error');
}

test('a namespace among the manifests is made before its objects, whatever their wave; the second up writes nothing', async (t) => {
  const { app, other, write, look } = await twinOf(t);
  const early = configYaml('early', other).replace('namespace:', 'annotations: {oms-deploy.io/wave: "0"}, namespace:');
  await write(
    early +
      configYaml('settings', '') +
      namespaceYaml(other) +
      elsewhere('worker', other) +
      deploymentYaml('web', { tag: '1.0' }),
  );
  assert.equal((await app.run('plan')).code, 0);
  const first = await up(app);
  assert.equal(first.code, 0, first.stdout);
  const ready = eventsOf(first).filter(({ type }) => type === 'ready');
  assert.deepEqual(
    ready
      .map(
        (event) => `${stringOf(at(event, 'object', 'namespace')) ?? ''} ${stringOf(at(event, 'object', 'name')) ?? ''}`,
      )
      .sort(),
    [`${app.namespace} web`, `${other} worker`].sort(),
  );
  assert.equal((await look(other, '/api/v1/NS/configmaps/early')).status, 200);

  const mine = () =>
    app.sandbox.auditEvents(
      ({ verb, userAgent, requestURI, namespace }) =>
        userAgent === 'oms-deploy' &&
        !['get', 'list', 'watch'].includes(verb) &&
        !requestURI.includes('dryRun=All') &&
        [app.namespace, other].includes(namespace),
    );
  const writes = (await mine()).length;
  const second = await up(app);
  assert.equal(second.code, 0, second.stdout);
  assert.equal((await mine()).length, writes);
});

test('a mistake in an object of a namespace that is still to come is found by the plan', async (t) => {
  const { app, other, write } = await twinOf(t, true);
  await write(namespaceYaml(other) + elsewhere('worker', other).replace('replicas: 1', 'replicas: many'));
  const run = await app.run('plan');
  assert.equal(run.code, 3, run.stdout);
  assert.deepEqual(
    errorsIn(run).map(({ id }) => id),
    ['manifests/invalid-field'],
  );
});

test('a namespace that nobody makes is an error with its line, and nothing changes', async (t) => {
  const { app, other, write } = await twinOf(t, true);
  await write(configYaml('here', '') + configYaml('there', other) + configYaml('too', other));
  const run = await up(app);
  assert.equal(run.code, 3, run.stdout);
  const [finding, ...more] = errorsIn(run);
  assert.deepEqual(more, []);
  assert.deepEqual([finding?.['id'], finding?.['file'], finding?.['line']], ['namespace/missing', 'k8s/app.yaml', 9]);
  assert.match(String(finding?.['cause']), /ConfigMap \S+\/there \(and 1 other object\) names the namespace/);
  // Kustomize and people who forget --env write a namespace that was to be the one of the deploy.
  assert.ok(String(finding?.['fix']).includes(`-n ${other}, or namespace in the configuration (environments.<env>`));
  assert.deepEqual(await app.writes(), []);
});

for (const [what, exists] of [
  ['that nobody has', false],
  ['that is there', true],
] as const) {
  test(`without a configuration a namespace ${what}, in one manifest of several, is an error; nothing changes`, async (t) => {
    const { app, other } = await twinOf(t, true);
    if (exists) await app.sandbox.request('POST', '/api/v1/namespaces', { metadata: { name: other } });
    const deploy = async (second: string): Promise<CliResult> => {
      const cwd = await makeFolder(t, { 'k8s/a.yaml': configYaml('one', '') + configYaml('two', second) });
      return up(app, ['-f', 'k8s'], { cwd });
    };
    assert.equal((await deploy('')).code, 0);
    const before = await app.writes();
    const wrong = await deploy(other);
    assert.equal(wrong.code, 3, wrong.stdout);
    const found = errorsIn(wrong).map(({ id, file, line }) => [id, file, line]);
    assert.deepEqual(found, [['manifests/namespace', 'k8s/a.yaml', 9]]);
    assert.deepEqual(await app.writes(), before);
    // Where all name one, it is the same application as before.
    assert.equal((await deploy(app.namespace)).code, 0);
    const labels = at(await app.get('configmaps', 'two'), 'metadata', 'labels');
    assert.equal(at(labels, 'app.kubernetes.io/part-of'), app.namespace);
  });
}

test('objects of another namespace change, drift, roll back, and are pruned; the namespace stays', async (t) => {
  const { app, other, write, look } = await twinOf(t, true);
  const settings = '/api/v1/NS/configmaps/settings';
  await write(namespaceYaml(other) + configYaml('settings', other) + elsewhere('worker', other));
  assert.equal((await up(app)).code, 0);
  await write(
    namespaceYaml(other) +
      configYaml('settings', other, '2') +
      configYaml('more', other) +
      elsewhere('worker', other, '1.1'),
  );
  assert.equal((await up(app)).code, 0);
  assert.equal(at((await look(other, settings)).body, 'data', 'value'), '2');

  const status = await app.run('status');
  assert.equal(status.code, 0, status.stdout);
  const workloads = arrayOf(resultOf(status)['workloads']);
  assert.deepEqual(
    workloads.map((row) => [at(row, 'object', 'namespace'), at(row, 'object', 'name')]),
    [[other, 'worker']],
  );
  const verified = await app.run('verify');
  assert.equal(verified.code, 0, verified.stdout);

  await app.sandbox.request(
    'PATCH',
    `/api/v1/namespaces/${other}/configmaps/settings?fieldManager=kubectl-edit`,
    { data: { value: 'by hand' } },
    'application/merge-patch+json',
  );
  assert.ok(findingIds(await app.run('plan')).includes('drift/changed'));

  const back = await app.run('rollback', ['--yes']);
  assert.equal(back.code, 0, back.stdout);
  assert.equal(at((await look(other, settings)).body, 'data', 'value'), '1');
  assert.equal((await look(other, '/api/v1/NS/configmaps/more')).status, 404);

  await write(configYaml('alone', ''));
  const pruned = await up(app);
  assert.equal(pruned.code, 0, pruned.stdout);
  assert.deepEqual([(await look(other, settings)).status, (await look(other, '/api/v1/NS')).status], [404, 200]);
});

test('a cleanup deletes what is in other namespaces; a namespace only where data may go', async (t) => {
  const { app, other, write, look } = await twinOf(t);
  const role = `role-${other}`;
  t.after(() => app.sandbox.request('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterroles/${role}`));
  const cluster = `---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: ${role}}\nrules: []\n`;
  await write(namespaceYaml(other) + cluster + configYaml('settings', other) + configYaml('here', ''));
  assert.equal((await up(app)).code, 0);
  const kept = await app.run('cleanup', ['--yes', '--confirm', app.namespace, '--keep-namespace']);
  assert.equal(kept.code, 0, kept.stdout);
  assert.deepEqual(
    [(await look(other, '/api/v1/NS/configmaps/settings')).status, (await look(other, '/api/v1/NS')).status],
    [404, 200],
  );
  assert.equal(
    (await app.sandbox.request('GET', `/apis/rbac.authorization.k8s.io/v1/clusterroles/${role}`)).status,
    404,
  );
  assert.equal((await up(app)).code, 0);
  const all = await app.run('cleanup', ['--yes', '--confirm', app.namespace, '--prune-data']);
  assert.equal(all.code, 0, all.stdout);
  assert.deepEqual(
    [(await look(other, '/api/v1/NS')).status, (await look(app.namespace, '/api/v1/NS')).status],
    [404, 404],
  );
});

test('killed between the namespace and its objects, the same command goes on', async (t) => {
  const { app, other, write, look } = await twinOf(t, true);
  await write(namespaceYaml(other) + configYaml('settings', other));
  const killed = await up(app, [], {
    onOutput: (printed: string, kill: (signal: NodeJS.Signals) => void) => {
      if (printed.includes('"type":"applied"')) kill('SIGKILL');
    },
  });
  assert.equal(killed.signal, 'SIGKILL');
  const again = await up(app);
  assert.equal(again.code, 0, again.stdout);
  assert.equal((await look(other, '/api/v1/NS/configmaps/settings')).status, 200);
});
