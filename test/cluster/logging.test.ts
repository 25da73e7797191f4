import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, type JsonObject, numberOf, stringOf } from '../../src/model/json.ts';
import { idsIn, makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, resultOf } from '../support/cli.ts';
import { eventually, startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';
import { deploymentYaml } from '../support/workloads.ts';

const place = '/api/v1/namespaces/amazon-cloudwatch';
const daemonSets = '/apis/apps/v1/namespaces/amazon-cloudwatch/daemonsets';
const rbac = '/apis/rbac.authorization.k8s.io/v1';
const logging = ['--with', 'logging', '--set', 'cluster_name=sandbox', '--set', 'aws_region=us-east-1'];

async function makeLogger(t: TestContext, sandbox: TestSandbox, application = 'web'): Promise<TestApp> {
  const config = `application: ${application}\nnamespace: ${application}\nmanifests: [k8s]\n`;
  return makeApp(t, {
    sandbox,
    files: { 'oms-deploy.yaml': config, 'k8s/app.yaml': deploymentYaml('web', { tag: '1' }) },
  });
}

async function up(app: TestApp, args: readonly string[] = logging): Promise<CliResult> {
  const run = await app.run('up', ['--yes', '--soak', '0s', ...args]);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  return run;
}

/** All that the add-on has in the cluster for an application, the namespace apart. */
async function brought(app: TestApp, application = 'web'): Promise<readonly string[]> {
  const name = `fluent-bit-${application}-${app.namespace}`;
  const paths = [
    `${daemonSets}/${name}`,
    `${place}/configmaps/${name}`,
    `${place}/serviceaccounts/${name}`,
    `${rbac}/clusterroles/${name}`,
    `${rbac}/clusterrolebindings/${name}`,
  ];
  const answers = await Promise.all(paths.map((path) => app.sandbox.request('GET', path)));
  return answers.flatMap(({ status, body }) => (status === 200 ? [stringOf(at(body, 'kind')) ?? ''] : []));
}

const all = ['DaemonSet', 'ConfigMap', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'];

/** The DaemonSet of the EKS add-on, or another one of its name. */
function stranger(labels: JsonObject = {}): JsonObject {
  const template = {
    metadata: { labels: { app: 'other' } },
    spec: { containers: [{ name: 'agent', image: 'example.com/agent:1' }] },
  };
  const spec = { selector: { matchLabels: { app: 'other' } }, template };
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'fluent-bit', labels }, spec };
}

async function remove(sandbox: TestSandbox, path: string): Promise<void> {
  await sandbox.request('DELETE', path);
  await eventually(
    async () => ((await sandbox.request('GET', path)).status === 404 ? true : undefined),
    () => `${path} stays`,
  );
}

/** A control plane of this file's own: its namespace and its names are those of a whole cluster. */
test('logs to CloudWatch', async (t) => {
  const sandbox = await startOwnSandbox(t);

  await t.test(
    'a namespace of others that lets no folder of a node in is told before anything is written',
    async (t) => {
      const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'amazon-cloudwatch', labels } };
      assert.equal((await sandbox.request('POST', '/api/v1/namespaces', namespace)).status, 201);
      const app = await makeLogger(t, sandbox);
      const run = await app.run('up', ['--yes', ...logging]);
      assert.equal(run.code, 3, run.stdout);
      assert.ok(idsIn(run).includes('pods/security'), run.stdout);
      assert.deepEqual(await brought(app), []);
      await remove(sandbox, place);
    },
  );

  await t.test('Fluent Bit on each node, verified, and nothing to do a second time', async (t) => {
    const app = await makeLogger(t, sandbox);
    await up(app);
    assert.deepEqual(await brought(app), all);
    const { body } = await sandbox.request('GET', `${daemonSets}/fluent-bit-web-${app.namespace}`);
    const nodes = arrayOf(at((await sandbox.request('GET', '/api/v1/nodes')).body, 'items'));
    assert.equal(numberOf(at(body, 'status', 'numberReady'), 0), nodes.length);
    const verify = await app.run('verify', ['--with', 'logging']);
    assert.equal(verify.code, 0, verify.stdout);
    const status = await app.run('status');
    assert.match(JSON.stringify(at(resultOf(status), 'workloads')), /fluent-bit-web/);

    const again = await up(app);
    assert.deepEqual([at(resultOf(again), 'release'), at(resultOf(again), 'changes', 'updated')], [null, 0]);
    assert.deepEqual(idsIn(again), []);
  });

  await t.test('two applications side by side: each has its own, and neither takes the namespace', async (t) => {
    const [web, shop] = [await makeLogger(t, sandbox), await makeLogger(t, sandbox, 'shop')];
    await up(web);
    const second = await up(shop);
    assert.ok(!idsIn(second).includes('target/foreign-objects'), second.stdout);
    const owner = async (): Promise<unknown> =>
      at((await sandbox.request('GET', place)).body, 'metadata', 'labels', 'app.kubernetes.io/part-of');
    assert.equal(await owner(), 'web');
    assert.equal(at(resultOf(await up(web)), 'release'), null);
    assert.equal(at(resultOf(await up(shop)), 'release'), null);
    assert.equal((await shop.run('verify', ['--with', 'logging'])).code, 0);

    const left = await up(web, []);
    assert.deepEqual([await brought(web), await brought(shop, 'shop')], [[], all]);
    assert.ok(!idsIn(left).includes('prune/data'), left.stdout);
    assert.equal((await sandbox.request('GET', place)).status, 200);

    const cleanup = await shop.run('cleanup', ['--yes', '--confirm', shop.namespace, '--prune-data']);
    assert.equal(cleanup.code, 0, cleanup.stdout);
    assert.deepEqual(await brought(shop, 'shop'), []);
    assert.equal((await sandbox.request('GET', place)).status, 200);
  });

  await t.test('a cleanup takes the namespace, too, unless something of others is in it', async (t) => {
    const clean = async (app: TestApp): Promise<void> => {
      await up(app);
      const run = await app.run('cleanup', ['--yes', '--confirm', app.namespace]);
      assert.equal(run.code, 0, run.stdout);
      assert.deepEqual(await brought(app), []);
    };
    const theirs = `${place}/configmaps/theirs`;
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' } };
    const [first, second] = [await makeLogger(t, sandbox), await makeLogger(t, sandbox)];
    await up(first);
    assert.equal((await sandbox.request('POST', `${place}/configmaps`, config)).status, 201);
    await clean(first);
    assert.equal(at((await sandbox.request('GET', place)).body, 'status', 'phase'), 'Active');
    assert.equal((await sandbox.request('DELETE', theirs)).status, 200);
    await clean(second);
    assert.equal((await sandbox.request('GET', place)).status, 404);
  });

  await t.test('where the EKS add-on sends the logs the add-on brings a word, and takes its own away', async (t) => {
    const [before, after] = [await makeLogger(t, sandbox), await makeLogger(t, sandbox, 'late')];
    await up(before);
    assert.equal((await sandbox.request('POST', daemonSets, stranger())).status, 201);
    t.after(() => remove(sandbox, `${daemonSets}/fluent-bit`));

    const late = await up(after);
    assert.deepEqual(idsIn(late), ['addons/there-already']);
    assert.deepEqual(await brought(after, 'late'), []);
    const verify = await after.run('verify', ['--with', 'logging']);
    assert.equal(verify.code, 0, verify.stdout);
    assert.equal(at(resultOf(await up(after)), 'release'), null);

    assert.deepEqual(await brought(before), all);
    const early = await up(before);
    assert.ok(idsIn(early).includes('addons/there-already'), early.stdout);
    assert.deepEqual(await brought(before), []);
    assert.equal((await sandbox.request('GET', `${daemonSets}/fluent-bit`)).status, 200);
  });

  await t.test('what the application itself has deployed under that name is no reason', async (t) => {
    const app = await makeLogger(t, sandbox);
    const labels = { 'app.kubernetes.io/managed-by': 'oms-deploy', 'app.kubernetes.io/part-of': 'web' };
    assert.equal((await sandbox.request('POST', daemonSets, stranger(labels))).status, 201);
    t.after(() => remove(sandbox, `${daemonSets}/fluent-bit`));
    assert.deepEqual(idsIn(await up(app)), []);
    assert.deepEqual(await brought(app), all);
  });
});
