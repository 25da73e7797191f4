import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, isObject, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { idsIn, makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, resultOf, runCli } from '../support/cli.ts';
import { installDefinitions, whyNoGo } from '../support/definitions.ts';
import { makeKubeconfig } from '../support/eks/app.ts';
import { startMoto, whyNoMoto } from '../support/moto/moto.ts';
import { createCache, createDatabases } from '../support/moto/query.ts';
import { startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

const backup = ['--with', 'backup'];
const whyNot = await whyNoMoto();

async function makeBackedUp(t: TestContext, sandbox: TestSandbox, more = '', config = bareConfig): Promise<TestApp> {
  const files = { 'oms-deploy.yaml': config, 'k8s/app.yaml': deploymentYaml('web', { tag: '1' }) + more };
  return makeApp(t, { sandbox, files });
}

async function up(app: TestApp, args: readonly string[] = backup): Promise<CliResult> {
  const run = await app.run('up', ['--yes', ...args]);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  return run;
}

async function schedule({ sandbox, namespace: home }: TestApp, namespace = 'velero'): Promise<JsonObject | undefined> {
  const path = `/apis/velero.io/v1/namespaces/${namespace}/schedules/web-${home}`;
  const { status, body } = await sandbox.request('GET', path);
  return status === 200 ? objectOf(body) : undefined;
}

async function makeNamespace(sandbox: TestSandbox, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  assert.equal((await sandbox.request('POST', '/api/v1/namespaces', body)).status, 201);
}

function finding(run: CliResult, id: string): JsonObject {
  const found = arrayOf(resultOf(run)['findings'])
    .filter(isObject)
    .find((one) => one['id'] === id);
  return found ?? assert.fail(`no ${id} in ${run.stdout}`);
}

/** A control plane of this file's own: Velero's kinds and namespace are those of a whole cluster. */
test('backups by Velero', { skip: await whyNoGo() }, async (t) => {
  const sandbox = await startOwnSandbox(t);

  await t.test(
    'without Velero the add-on is refused, and nothing is changed; an optional one is left out',
    async (t) => {
      const app = await makeBackedUp(t, sandbox);
      const run = await app.run('up', ['--yes', ...backup]);
      assert.equal(run.code, 4, run.stdout);
      assert.deepEqual(idsIn(run), ['cluster/addon']);
      assert.match(stringOf(finding(run, 'cluster/addon')['fix']) ?? '', /Install Velero/);
      assert.deepEqual(await app.writes(), []);

      const optional = await makeBackedUp(t, sandbox, '', `${bareConfig}addons: {backup: optional}\n`);
      assert.deepEqual(idsIn(await up(optional, [])), ['addons/left-out']);
      const verify = await optional.run('verify');
      assert.equal(verify.code, 0, verify.stdout);
    },
  );

  await installDefinitions(sandbox, ['velero']);

  await t.test("Velero's namespace is not ours to make", async (t) => {
    const app = await makeBackedUp(t, sandbox);
    const run = await app.run('up', ['--yes', ...backup]);
    assert.equal(run.code, 3, run.stdout);
    const missing = finding(run, 'namespace/missing');
    assert.match(stringOf(missing['cause']) ?? '', /the namespace velero, which does not exist/);
    assert.match(stringOf(missing['fix']) ?? '', /the add-on backup is for, or say .*--set velero_namespace=/);
    assert.deepEqual(await app.writes(), []);
  });

  await makeNamespace(sandbox, 'velero');

  await t.test(
    'a Schedule that Velero reads, verified, with nothing to do a second time; gone when left out',
    async (t) => {
      const claim =
        '---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n';
      const app = await makeBackedUp(t, sandbox, claim);
      await up(app);
      const template = at(await schedule(app), 'spec', 'template');
      assert.deepEqual(
        [at(template, 'includedNamespaces'), at(template, 'snapshotVolumes'), at(template, 'ttl')],
        [[app.namespace], true, '720h0m0s'],
      );
      assert.equal(at(await schedule(app), 'spec', 'schedule'), '0 3 * * *');
      const verify = await app.run('verify', backup);
      assert.equal(verify.code, 0, verify.stdout);
      const again = await up(app);
      assert.deepEqual([at(resultOf(again), 'release'), at(resultOf(again), 'changes', 'updated')], [null, 0]);

      await up(app, []);
      assert.equal(await schedule(app), undefined);
    },
  );

  await t.test('another namespace of Velero: it moves there, verify finds it, and cleanup takes it away', async (t) => {
    await makeNamespace(sandbox, 'backups');
    const app = await makeBackedUp(t, sandbox);
    await up(app);
    await up(app, [...backup, '--set', 'velero_namespace=backups']);
    assert.deepEqual([await schedule(app), (await schedule(app, 'backups'))?.kind], [undefined, 'Schedule']);
    const verify = await app.run('verify', backup);
    assert.equal(verify.code, 0, verify.stdout);
    const path = `/apis/velero.io/v1/namespaces/backups/schedules/web-${app.namespace}`;
    assert.equal((await sandbox.request('DELETE', path)).status, 200);
    assert.ok(idsIn(await app.run('verify', backup)).includes('objects/missing'));
    await up(app, [...backup, '--set', 'velero_namespace=backups']);

    const cleanup = await app.run('cleanup', ['--yes', '--confirm', app.namespace]);
    assert.equal(cleanup.code, 0, cleanup.stdout);
    assert.equal(await schedule(app, 'backups'), undefined);
  });

  await t.test(
    'on a cluster of AWS the plan says which stores make no snapshots',
    { skip: whyNot ?? false },
    async (t) => {
      const moto = await startMoto();
      t.after(() => moto.stop());
      await createDatabases(moto.url, 'prod', 1);
      await createCache(moto.url, 'prod', 0);
      const hosts = [
        'mongodb://prod.cluster-c1.us-east-1.docdb.amazonaws.com:27017',
        'master.prod.abc123.use1.cache.amazonaws.com:6379',
      ];
      const settings = `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: hosts}\ndata: {databases: "${hosts[0]}", cache: "${hosts[1]}"}\n`;
      const app = await makeBackedUp(t, sandbox, settings);
      const context = 'arn:aws:eks:us-east-1:123456789012:cluster/oms';
      const kubeconfig = await makeKubeconfig(t, { sandbox }, { context });
      const plan = (args: readonly string[]): Promise<CliResult> =>
        runCli(['plan', '--kubeconfig', kubeconfig, '-n', app.namespace, '--output', 'json', ...args], {
          cwd: app.folder,
          env: moto.env,
        });
      const about = (run: CliResult): readonly string[] => idsIn(run).filter((id) => id.startsWith('backup/'));
      const told = await plan(backup);
      assert.equal(told.code, 0, told.stdout);
      assert.deepEqual(about(told).toSorted(), ['backup/retention', 'backup/snapshots-off']);
      assert.deepEqual(about(await plan([])), []);
    },
  );
});
