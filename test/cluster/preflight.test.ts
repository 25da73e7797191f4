import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, type JsonObject, objectOf } from '../../src/model/json.ts';
import { startApiProxy } from '../support/api-proxy.ts';
import { autoscaler, config, makeApp, manifests, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { eventually } from '../support/sandbox.ts';

function finding(run: CliResult, id: string): JsonObject {
  const found = arrayOf(resultOf(run).findings)
    .map(objectOf)
    .find((one) => one.id === id);
  return found ?? assert.fail(`no ${id} in ${run.stdout}`);
}

function evidenceOf(run: CliResult, id: string): readonly string[] {
  return arrayOf(finding(run, id).evidence).map(String);
}

async function create(app: TestApp, path: string, object: JsonObject): Promise<void> {
  const answer = await app.sandbox.request('POST', path.replace('NS', app.namespace), object);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
}

/** The first container of the application requests 100m; nothing else is said. */
const scaled = { 'k8s/app.yaml': `${manifests}---\n${autoscaler}` };

async function withQuota(t: TestContext, hard: JsonObject): Promise<TestApp> {
  const app = await makeApp(t, { files: scaled });
  await create(app, '/api/v1/namespaces/NS/resourcequotas', { metadata: { name: 'tight' }, spec: { hard } });
  return app;
}

test('a quota without room for the first pods stops, one without room for the HPA maximum warns', async (t) => {
  const none = await withQuota(t, { pods: '3', 'count/deployments.apps': '1' });
  const refused = await none.run('up', ['--yes']);
  assert.equal(refused.code, 4, refused.stdout);
  assert.deepEqual(findingIds(refused), ['quota/room']);
  assert.deepEqual(evidenceOf(refused, 'quota/room'), [
    'count/deployments.apps: needs 2, and has 1 of 1',
    'pods: needs 4, and has 3 of 3',
  ]);
  assert.deepEqual(await none.writes(), []);

  const some = await withQuota(t, { pods: '6' });
  const run = await some.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  // 9 at the maximum and 3 of the surge, the other one and 1 of its surge.
  assert.deepEqual(evidenceOf(run, 'quota/room'), ['pods: needs 14, and has 6 of 6']);
  assert.equal(finding(run, 'quota/room').severity, 'warning');
  // What runs already is no reason to need more.
  const again = await some.run('plan', ['--set', 'level=Debug']);
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual(evidenceOf(again, 'quota/room'), ['pods: needs 14, and has 6 of 6']);
});

test('pods that say no requests are refused by a quota of them; the defaults of a LimitRange say them', async (t) => {
  const app = await withQuota(t, { 'requests.cpu': '1' });
  const refused = await app.run('plan');
  assert.equal(refused.code, 4, refused.stdout);
  assert.deepEqual(evidenceOf(refused, 'quota/room'), [
    `Deployment ${app.namespace}/other says no requests.cpu for other`,
  ]);
  await create(app, '/api/v1/namespaces/NS/limitranges', {
    metadata: { name: 'defaults' },
    spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '200m' } }] },
  });
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  // 12 of 100m, 2 of the default.
  assert.deepEqual(evidenceOf(run, 'quota/room'), ['requests.cpu: needs 1.6, and has 1 of 1']);
});

test('one problem is one card: the dry run meets the same quota', async (t) => {
  const app = await withQuota(t, { configmaps: '1' });
  // Each namespace is given kube-root-ca.crt, which takes all the room; the quota counts it a moment later.
  const quotas = `/api/v1/namespaces/${app.namespace}/resourcequotas`;
  const isFull = async () => {
    const items = arrayOf(at((await app.sandbox.request('GET', quotas)).body, 'items'));
    return items.some((one) => at(one, 'status', 'used', 'configmaps') === '1') ? true : undefined;
  };
  await eventually(isFull, () => 'the quota counts no kube-root-ca.crt');
  const refused = await app.run('plan');
  assert.equal(refused.code, 4, refused.stdout);
  assert.deepEqual(findingIds(refused), ['quota/room']);
});

const ingress = (more: string): string =>
  `---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec:\n  defaultBackend: {service: {name: reader, port: {number: 80}}}\n${more}`;

test('an Ingress of a class that does not exist stops; one without a class warns', async (t) => {
  const named = { 'k8s/app.yaml': manifests + ingress('  ingressClassName: nowhere\n') };
  const app = await makeApp(t, { files: named });
  const refused = await app.run('up', ['--yes']);
  assert.equal(refused.code, 3, refused.stdout);
  assert.match(String(finding(refused, 'ingress/class').cause), /is of class nowhere, which does not exist/);
  const { file, line } = finding(refused, 'ingress/class');
  assert.deepEqual([file, line], ['k8s/app.yaml', manifests.split('\n').length + 1]);
  assert.deepEqual(await app.writes(), []);
  await writeFile(`${app.folder}/k8s/app.yaml`, manifests + ingress(''));
  const warned = await app.run('plan');
  assert.equal(warned.code, 0, warned.stdout);
  assert.match(String(finding(warned, 'ingress/class').cause), /names no class, and no IngressClass is the default/);
  // One that the manifests make is there in time.
  const own = `---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: own-${app.namespace}}\nspec: {controller: example.com/own}\n`;
  await writeFile(
    `${app.folder}/k8s/app.yaml`,
    manifests + own + ingress(`  ingressClassName: own-${app.namespace}\n`),
  );
  const made = await app.run('plan');
  assert.equal(made.code, 0, made.stdout);
  assert.deepEqual(findingIds(made), []);
});

async function withWebhook(t: TestContext, app: TestApp, resources: readonly string[], more: JsonObject = {}) {
  const home = await app.sandbox.createNamespace('hook', t);
  await create(app, `/api/v1/namespaces/${home}/services`, {
    metadata: { name: 'hook' },
    spec: { ports: [{ port: 443 }], selector: { app: 'hook' } },
  });
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  t.after(() => app.sandbox.request('DELETE', `${path}/${home}`));
  await create(app, path, {
    metadata: { name: home },
    webhooks: [
      {
        name: 'check.hook.example',
        clientConfig: { service: { namespace: home, name: 'hook' } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': app.namespace } },
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources, operations: ['CREATE'] }],
        ...more,
      },
    ],
  });
  return home;
}

test('a webhook without endpoints that is asked about the pods stops a deploy whose dry run went well', async (t) => {
  const app = await makeApp(t);
  const home = await withWebhook(t, app, ['pods']);
  const refused = await app.run('up', ['--yes']);
  assert.equal(refused.code, 4, refused.stdout);
  assert.deepEqual(findingIds(refused), ['webhooks/endpoints']);
  assert.match(
    String(finding(refused, 'webhooks/endpoints').cause),
    new RegExp(`Service ${home}/hook, which has no ready`),
  );
  assert.deepEqual(await app.writes(), []);
});

test('a webhook that the dry run asks, too, is one card', async (t) => {
  const app = await makeApp(t);
  await withWebhook(t, app, ['configmaps']);
  const refused = await app.run('plan');
  assert.equal(refused.code, 4, refused.stdout);
  assert.deepEqual(findingIds(refused), ['webhooks/endpoints']);
});

test('a webhook that is not asked, or may fail, is no matter', async (t) => {
  const app = await makeApp(t);
  await withWebhook(t, app, ['pods'], { failurePolicy: 'Ignore' });
  await withWebhook(t, app, ['pods'], { objectSelector: { matchLabels: { app: 'somebody-else' } } });
  const run = await app.run('plan');
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(findingIds(run), []);
});

test('a default deny of somebody else warns of the pods that it cuts off, in each direction', async (t) => {
  const app = await makeApp(t);
  const policies = '/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies';
  const spec = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
  await create(app, policies, { metadata: { name: 'deny' }, spec });
  const warned = await app.run('plan');
  assert.equal(warned.code, 0, warned.stdout);
  const name = (workload: string): string => `Deployment ${app.namespace}/${workload}`;
  assert.equal(finding(warned, 'network/default-deny').object, `NetworkPolicy ${app.namespace}/deny`);
  assert.deepEqual(evidenceOf(warned, 'network/default-deny'), [
    `ingress: nothing reaches the pods of ${name('reader')}`,
    `egress: nothing can be reached by the pods of ${name('reader')}, ${name('other')}`,
  ]);
  const allow = { podSelector: {}, policyTypes: ['Egress'], egress: [{}] };
  const own = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'allow' }, spec: allow };
  await writeFile(`${app.folder}/k8s/allow.yaml`, JSON.stringify(own));
  assert.equal(evidenceOf(await app.run('plan'), 'network/default-deny').length, 1);
});

test('an old API server: what it would drop silently stops the deploy', async (t) => {
  const sleeps = manifests.replace(
    'image: example.com/reader:1',
    'image: example.com/reader:1\n          lifecycle: {preStop: {sleep: {seconds: 5}}}',
  );
  const app = await makeApp(t, { files: { 'k8s/app.yaml': sleeps } });
  const causes: string[] = [];
  for (const gitVersion of ['v1.24.17-eks-2d98532', 'v1.29.4', 'v1.30.0']) {
    const proxy = await startApiProxy(t, app.sandbox, app.folder, {
      before: ({ url }) =>
        Promise.resolve(url === '/version' ? { status: 200, body: JSON.stringify({ gitVersion }) } : undefined),
    });
    const run = await app.run('plan', ['--kubeconfig', proxy.kubeconfig]);
    if (run.code === 0) continue;
    assert.equal(run.code, 4, run.stdout);
    causes.push(String(finding(run, 'cluster/version').cause));
  }
  assert.equal(causes.length, 2);
  assert.match(causes[0] ?? '', /before 1\.25 it silently drops/);
  assert.match(causes[1] ?? '', /reader has a preStop\.sleep, which the API server v1\.29\.4 does not know/);
});

test('no metrics API is a warning where an HPA needs one', async (t) => {
  const app = await makeApp(t, { files: scaled });
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    before: ({ url }) =>
      Promise.resolve(url.includes('/apiservices') ? { status: 200, body: '{"items":[]}' } : undefined),
  });
  const run = await app.run('plan', ['--kubeconfig', proxy.kubeconfig]);
  assert.equal(run.code, 0, run.stdout);
  assert.equal(finding(run, 'hpa/metrics-api').severity, 'warning');
});

test('--skip-preflight leaves out all checks or some, by flag or variable, and always says so', async (t) => {
  const app = await withQuota(t, { pods: '1' });
  const skipped = (run: CliResult): readonly string[] => evidenceOf(run, 'preflight/skipped');
  const some = await app.run('plan', ['--skip-preflight', 'quota/room']);
  assert.equal(some.code, 0, some.stdout);
  assert.deepEqual(skipped(some), ['quota/room']);
  const plan = eventsOf(some).find(({ type }) => type === 'plan');
  assert.deepEqual(at(plan, 'preflight', 'skipped'), ['quota/room']);
  for (const [args, env] of [
    [['--skip-preflight'], {}],
    [[], { OMS_DEPLOY_SKIP_PREFLIGHT: '1' }],
  ] as const) {
    const all = await app.run('plan', args, { env });
    assert.equal(all.code, 0, all.stdout);
    assert.ok(skipped(all).length >= 7);
  }
  const listed = await app.run('plan', [], { env: { OMS_DEPLOY_SKIP_PREFLIGHT: 'quota/room,access/rights' } });
  assert.deepEqual(skipped(listed), ['access/rights', 'quota/room']);
  const wrong = await app.run('plan', ['--skip-preflight', 'quota/rom']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stdout, /there is no check .*quota\/rom.*Did you mean quota\/room/);
  const plain = await app.run('plan', ['--skip-preflight', 'quota/room', '--output', 'plain']);
  assert.match(plain.stdout, /6 to create.*preflight ok \(\d checks, 1 skipped\)/);
});

test('a rollback and a rollout are looked at, too', async (t) => {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': config } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  assert.equal((await app.run('up', ['--yes', '--set', 'level=Debug'])).code, 0);
  await create(app, '/api/v1/namespaces/NS/resourcequotas', {
    metadata: { name: 'tight' },
    spec: { hard: { pods: '2' } },
  });
  for (const args of [['rollback'], ['rollout', 'set-image', 'reader', 'example.com/reader:2']] as const) {
    const [command, ...rest] = args;
    const run = await app.run(command, [...rest, '--yes']);
    assert.equal(run.code, 4, run.stdout);
    assert.deepEqual(findingIds(run), ['quota/room']);
  }
  const skipping = await app.run('rollback', ['--yes', '--skip-preflight', 'quota/room', '--timeout', '5s']);
  assert.notEqual(skipping.code, 4, skipping.stdout);
});
