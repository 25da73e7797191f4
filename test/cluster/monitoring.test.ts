import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { omsApp, textOf } from '../../scripts/bench/apps.ts';
import { arrayOf, at, objectOf, stringOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, findingIds, resultOf } from '../support/cli.ts';
import { installDefinitions, whyNoGo } from '../support/definitions.ts';
import { startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';

const config = 'application: oms\nnamespace: oms\nmanifests: [k8s]\n';
const optional = `${config}addons: {monitoring: optional}\n`;
const withIt = ['--with', 'monitoring'];

/** The OMS as its own repository has it. */
function omsIn(t: TestContext, sandbox: TestSandbox, text: string): Promise<TestApp> {
  return makeApp(t, { sandbox, files: { 'oms-deploy.yaml': text, 'k8s/app.yaml': textOf(omsApp('oms').files) } });
}

function up(app: TestApp, more: readonly string[] = []): Promise<CliResult> {
  return app.run('up', ['--yes', '--soak', '0s', ...more]);
}

const paths = {
  dashboards: '/api/v1/namespaces/NAMESPACE/configmaps?labelSelector=grafana_dashboard%3D1',
  serviceMonitors: '/apis/monitoring.coreos.com/v1/namespaces/NAMESPACE/servicemonitors',
  podMonitors: '/apis/monitoring.coreos.com/v1/namespaces/NAMESPACE/podmonitors',
  rules: '/apis/monitoring.coreos.com/v1/namespaces/NAMESPACE/prometheusrules',
};

async function names({ sandbox, namespace }: TestApp, what: keyof typeof paths): Promise<readonly string[]> {
  const { status, body } = await sandbox.request('GET', paths[what].replace('NAMESPACE', namespace));
  assert.equal(status, 200, what);
  return arrayOf(at(body, 'items'))
    .map((one) => stringOf(at(one, 'metadata', 'name')) ?? '')
    .toSorted();
}

/** A control plane of its own: the kinds of the Prometheus Operator are missing at first. */
test('the add-on monitoring', { skip: await whyNoGo() }, async (t) => {
  const sandbox = await startOwnSandbox(t);

  await t.test('without the Prometheus Operator: refused with what to install, and nothing is changed', async (t) => {
    const app = await omsIn(t, sandbox, config);
    const run = await up(app, withIt);
    assert.equal(run.code, 4, run.stdout);
    const found = arrayOf(resultOf(run)['findings']).find((one) => at(one, 'id') === 'cluster/addon');
    assert.match(
      stringOf(at(found, 'cause')) ?? '',
      /^The add-on monitoring needs ServiceMonitor\.monitoring\.coreos\.com and PodMonitor.* and PrometheusRule/,
    );
    assert.match(stringOf(at(found, 'fix')) ?? '', /^Install the Prometheus Operator: [^:]*$/);
    assert.deepEqual(await app.writes(), []);
  });

  await t.test('optional: left out where its kinds are missing, which is said', async (t) => {
    const app = await omsIn(t, sandbox, optional);
    const plan = await app.run('plan');
    assert.equal(plan.code, 0, plan.stdout);
    assert.ok(findingIds(plan).includes('addons/left-out'), plan.stdout);
    const run = await up(app);
    assert.equal(run.code, 0, run.stdout);
    assert.ok((await app.get('deployments', 'market-data'))['spec']);
    assert.deepEqual(await names(app, 'dashboards'), []);
    const verify = await app.run('verify');
    assert.equal(verify.code, 0, verify.stdout);
  });

  await installDefinitions(sandbox, ['prometheus-operator']);

  await t.test('applied as the definitions want it, verified, the same again, gone when it is left out', async (t) => {
    const app = await omsIn(t, sandbox, config);
    const first = await up(app, withIt);
    assert.equal(first.code, 0, first.stdout);
    assert.deepEqual(await names(app, 'serviceMonitors'), ['market-data', 'order-ingestion', 'risk-engine']);
    assert.deepEqual(await names(app, 'podMonitors'), ['order-processor']);
    assert.deepEqual(await names(app, 'rules'), ['oms']);
    assert.deepEqual(await names(app, 'dashboards'), ['oms-dashboard']);

    const verify = await app.run('verify', withIt);
    assert.equal(verify.code, 0, verify.stdout);

    const again = await up(app, withIt);
    assert.equal(again.code, 0, again.stdout);
    const { created, updated, deleted } = objectOf(resultOf(again)['changes']);
    assert.deepEqual([created, updated, deleted, resultOf(again)['release']], [0, 0, 0, null]);

    const without = await up(app);
    assert.equal(without.code, 0, without.stdout);
    for (const what of ['serviceMonitors', 'podMonitors', 'rules', 'dashboards'] as const)
      assert.deepEqual(await names(app, what), [], what);

    // Optional: it is made now that its kinds are there.
    await writeFile(join(app.folder, 'oms-deploy.yaml'), optional);
    const now = await up(app);
    assert.equal(now.code, 0, now.stdout);
    assert.deepEqual(await names(app, 'rules'), ['oms']);
  });
});
