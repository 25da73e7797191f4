import assert from 'node:assert/strict';
import { test } from 'node:test';
import { omsApp, textOf } from '../../scripts/bench/apps.ts';
import { arrayOf, at, isObject, type JsonObject, stringOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { findingIds, resultOf } from '../support/cli.ts';

const config = 'application: oms\nnamespace: oms\nmanifests: [k8s]\n';

/** The OMS as its own repository has it, in a namespace of the test's own. */
async function omsIn(t: Parameters<typeof makeApp>[0], more: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const files = { 'oms-deploy.yaml': config, 'k8s/app.yaml': textOf(omsApp('oms').files), ...more };
  return makeApp(t, { files });
}

const network = ['--set', 'alb_subnet_cidrs=10.0.101.0/24', '--set', 'data_subnet_cidrs=10.0.1.0/24'];
const all = ['--with', 'quota', '--with', 'disruption-budgets', '--with', 'network-policies'];

const nightly = `apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: main, image: 'busybox:1.37' }] }
`;

async function names(app: TestApp, path: string): Promise<readonly string[]> {
  const { body } = await app.sandbox.request('GET', path);
  return arrayOf(at(body, 'items')).map((one) => stringOf(at(one, 'metadata', 'name')) ?? '');
}

test('add-ons are applied, verified, told by doctor network, and gone when they are left out', async (t) => {
  const app = await omsIn(t);
  const { namespace } = app;
  const up = await app.run('up', ['--yes', '--soak', '0s', ...all, ...network]);
  assert.equal(up.code, 0, up.stdout);
  const policies = `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;
  const budgets = `/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`;
  assert.deepEqual((await names(app, budgets)).toSorted(), [
    'market-data',
    'order-ingestion',
    'order-processor',
    'risk-engine',
  ]);
  assert.ok((await names(app, policies)).includes('default-deny'));
  const quota = await app.sandbox.request('GET', `/api/v1/namespaces/${namespace}/resourcequotas/oms`);
  assert.equal(at(quota.body, 'status', 'used', 'pods'), '9');

  const verify = await app.run('verify', all);
  assert.equal(verify.code, 0, verify.stdout);

  const again = await app.run('up', ['--yes', '--soak', '0s', ...all, ...network]);
  assert.equal(at(resultOf(again), 'changes', 'updated'), 0, again.stdout);
  assert.equal(at(resultOf(again), 'release'), null);

  const doctor = await app.run('doctor', ['network']);
  assert.equal(doctor.code, 0, doctor.stdout);
  const cells = arrayOf(at(resultOf(doctor), 'connections')).filter(isObject);
  const cell = (from: string, to: string): JsonObject | undefined =>
    cells.find((one) => one.from === from && one.to === to);
  assert.equal(cell('order-ingestion', 'DNS')?.isAllowed, true);
  assert.equal(cell('order-ingestion', 'instance metadata')?.isAllowed, false);
  assert.deepEqual(cell('market-data', 'risk-engine')?.by, ['allow-base', 'default-deny']);
  assert.equal(cell('a pod of another namespace', 'risk-engine')?.deniedAt, 'ingress');

  const without = await app.run('up', ['--yes', '--soak', '0s']);
  assert.equal(without.code, 0, without.stdout);
  assert.deepEqual([await names(app, policies), await names(app, budgets)], [[], []]);
  assert.deepEqual(await names(app, `/api/v1/namespaces/${namespace}/resourcequotas`), []);
});

test('a quota one pod short is refused in the plan; forced through, the ReplicaSet tells, and we explain it', async (t) => {
  // 9 pods at the minimum of the HPAs.
  const quota = 'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: short}\nspec: {hard: {pods: "8"}}\n';
  const app = await omsIn(t, { 'k8s/quota.yaml': quota });
  const plan = await app.run('plan');
  assert.notEqual(plan.code, 0);
  assert.ok(findingIds(plan).includes('quota/room'), plan.stdout);
  const forced = await app.run('up', ['--yes', '--soak', '0s', '--skip-preflight', '--timeout', '60s']);
  assert.equal(forced.code, 5, forced.stdout);
  const causes = arrayOf(at(resultOf(forced), 'findings')).map((one) => stringOf(at(one, 'cause')) ?? '');
  assert.ok(
    causes.some((cause) => /quota/i.test(cause)),
    causes.join('\n'),
  );
  assert.match(JSON.stringify(at(resultOf(forced), 'findings')), /FailedCreate|exceeded quota/);
});

test('doctor network without policies: everything is open', async (t) => {
  const app = await omsIn(t, { 'k8s/nightly.yaml': nightly });
  assert.equal((await app.run('up', ['--yes', '--soak', '0s'])).code, 0);
  const doctor = await app.run('doctor', ['network']);
  assert.equal(doctor.code, 0, doctor.stdout);
  const cells = arrayOf(at(resultOf(doctor), 'connections')).filter(isObject);
  assert.ok(cells.length > 20);
  assert.ok(cells.every(({ isAllowed }) => isAllowed === true));
  assert.ok(cells.some(({ from, to }) => from === 'nightly' && to === 'risk-engine'));
  const refused = await app.run('doctor', ['network', '-n', 'nowhere-at-all']);
  assert.equal(refused.code, 4);
});
