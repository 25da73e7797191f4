import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { arrayOf, type Json, objectOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { eventually, startOwnSandbox } from '../support/sandbox.ts';
import { schemaProblems } from '../support/schema.ts';
import { bareConfig, deploymentYaml, serviceYaml } from '../support/workloads.ts';

const documents = [
  `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {level: Information, url: http://reader}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData: {password: correct-horse}
`,
  deploymentYaml('reader', {
    tag: '1',
    replicas: 2,
  }).replace(
    '          ports:',
    `          env:
            - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: credentials, key: password}}}
          resources: {requests: {cpu: 100m}}
          ports:`,
  ),
  serviceYaml('reader').replace('name: reader}', 'name: reader, annotations: {oms-deploy.io/websocket: /ws/feed}}'),
  deploymentYaml('worker', { tag: '1' }),
  `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: reader}
spec:
  minReplicas: 2
  maxReplicas: 4
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: reader}
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
`,
].join('');

/** A deployed application whose HPA knows its figures. */
async function deployed(t: TestContext): Promise<TestApp> {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents } });
  const run = await app.run('up', ['--yes', '--timeout', '1m']);
  assert.equal(run.code, 0, run.stdout);
  await eventually(
    async () => ((await verify(app)).code === 0 ? true : undefined),
    () => 'verify stays unhappy after up',
  );
  return app;
}

/** Runs verify, and holds whatever it finds against its published schema. */
async function verify(app: TestApp): ReturnType<TestApp['run']> {
  const run = await app.run('verify');
  assert.equal(schemaProblems(resultOf(run)), '');
  return run;
}

test('verify of a healthy deployment exits 0, writes nothing, and says what it has checked', async (t) => {
  const app = await deployed(t);
  const writes = (await app.writes()).length;
  const run = await verify(app);
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(findingIds(run), []);
  const checks = arrayOf(resultOf(run).checks).map(objectOf);
  assert.ok(checks.length >= 14);
  for (const { id, status, detail } of checks) {
    assert.match(String(id), /^[a-z]+\/[a-z-]+$/);
    if (detail !== 'there is nothing to look at') assert.equal(status, 'passed', `${String(id)}: ${String(detail)}`);
  }
  const details = checks.map(({ detail }) => String(detail)).join('\n');
  assert.match(details, /pods 3\/3 ready/);
  assert.match(details, /\/ready answers on reader, worker/);
  assert.match(details, /\/ws\/feed opens on reader/);
  assert.equal((await app.writes()).length, writes);
  assert.doesNotMatch(run.stdout, /correct-horse/);
});

const merge = 'application/merge-patch+json';

interface Fault {
  readonly name: string;
  readonly inject: (app: TestApp) => Promise<unknown>;
  readonly id: string;
  readonly says: RegExp;
}

function patch(path: string, body: Json): Fault['inject'] {
  return (app) => app.sandbox.request('PATCH', path.replace('NS', app.namespace), body, merge);
}

function remove(path: string): Fault['inject'] {
  return (app) => app.sandbox.request('DELETE', path.replace('NS', app.namespace));
}

const core = '/api/v1/namespaces/NS';
const apps = '/apis/apps/v1/namespaces/NS/deployments';
const scalers = '/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers';

/** A change of a Deployment's only container. */
function container(name: string, change: Json): Json {
  return { spec: { template: { spec: { containers: [{ name, ...objectOf(change) }] } } } };
}

function strategic(path: string, body: Json): Fault['inject'] {
  return (app) =>
    app.sandbox.request('PATCH', path.replace('NS', app.namespace), body, 'application/strategic-merge-patch+json');
}

const faults: readonly Fault[] = [
  {
    name: 'a wrong selector',
    inject: patch(`${core}/services/reader`, { spec: { selector: { app: 'raeder' } } }),
    id: 'service/no-pods',
    says: /app=raeder/,
  },
  {
    name: 'a target port that no container has',
    inject: patch(`${core}/services/reader`, { spec: { ports: [{ name: 'http', port: 80, targetPort: 'htpp' }] } }),
    id: 'service/ports',
    says: /htpp/,
  },
  {
    name: 'a deleted ConfigMap key',
    inject: patch(`${core}/configmaps/settings`, { data: { level: null } }),
    id: 'config/missing-key',
    says: /settings has no key level/,
  },
  {
    name: 'a deleted Secret key',
    inject: patch(`${core}/secrets/credentials`, { data: { password: null } }),
    id: 'config/missing-key',
    says: /credentials has no key password/,
  },
  {
    name: 'a deleted ConfigMap',
    inject: remove(`${core}/configmaps/settings`),
    id: 'config/missing',
    says: /settings does not exist/,
  },
  {
    name: 'a deleted Secret',
    inject: remove(`${core}/secrets/credentials`),
    id: 'config/missing',
    says: /credentials does not exist/,
  },
  {
    name: 'a deleted Service',
    inject: remove(`${core}/services/reader`),
    id: 'objects/missing',
    says: /Service .*reader does not exist/,
  },
  {
    name: 'a deleted Deployment',
    inject: remove(`${apps}/worker`),
    id: 'objects/missing',
    says: /Deployment .*worker does not exist/,
  },
  {
    name: 'a deleted HPA',
    inject: remove(`${scalers}/reader`),
    id: 'objects/missing',
    says: /HorizontalPodAutoscaler .*reader does not exist/,
  },
  {
    name: 'a failing /ready',
    inject: (app) =>
      app.sandbox.setHealth({ service: 'reader', namespace: app.namespace, path: '/ready', status: 503 }),
    id: 'http/probe',
    says: /answers \/ready with HTTP 503 \(2 of 2 pods asked\)/,
  },
  {
    name: 'a WebSocket that does not open',
    inject: (app) =>
      app.sandbox.setHealth({ service: 'reader', namespace: app.namespace, path: '/ws/feed', status: 503 }),
    id: 'http/websocket',
    says: /\/ws\/feed: HTTP 503/,
  },
  {
    name: 'an image set by hand',
    inject: strategic(`${apps}/worker`, container('worker', { image: 'example.com/worker:2' })),
    id: 'images/changed',
    says: /has image example\.com\/worker:2; its manifest says example\.com\/worker:1/,
  },
  {
    name: 'an image that does not exist',
    inject: strategic(`${apps}/worker`, container('worker', { image: 'example.com/worker:image-not-found' })),
    id: 'image/not-found',
    says: /does not exist/,
  },
  {
    name: 'a crash loop',
    inject: strategic(`${apps}/worker`, container('worker', { image: 'example.com/worker:crash' })),
    id: 'container/crash',
    says: /exit code 1/,
  },
  {
    name: 'a container killed for its memory',
    inject: strategic(`${apps}/worker`, container('worker', { image: 'example.com/worker:oom' })),
    id: 'container/oom',
    says: /memory/,
  },
  {
    name: 'a probe that fails',
    inject: strategic(`${apps}/worker`, container('worker', { image: 'example.com/worker:never-ready' })),
    id: 'pod/not-ready',
    says: /readiness probe/,
  },
  {
    name: 'a restart',
    inject: strategic(`${apps}/worker`, container('worker', { image: 'example.com/worker:restart-once' })),
    id: 'pods/restarts',
    says: /restarted in the last 10 min/,
  },
  {
    name: 'a pod that no node takes',
    inject: strategic(`${apps}/worker`, { spec: { template: { spec: { nodeSelector: { pool: 'nowhere' } } } } }),
    id: 'pod/unschedulable',
    says: /no node takes its pods/,
  },
  {
    name: 'an HPA without a target',
    inject: patch(`${scalers}/reader`, {
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'raeder' } },
    }),
    id: 'hpa/target',
    says: /raeder/,
  },
];

for (const { name, inject, id, says } of faults) {
  test(`verify names the fault: ${name}`, async (t) => {
    const app = await deployed(t);
    await inject(app);
    let last = '';
    // The fault takes a moment to show in the cluster: endpoints, a rollout, a condition.
    await eventually(
      async () => {
        const run = await verify(app);
        last = run.stdout;
        const found = arrayOf(resultOf(run).findings).map(objectOf);
        return run.code === 10 && found.some((one) => one.id === id && says.test(String(one.cause))) ? true : undefined;
      },
      () => `no ${id} in ${last}`,
      40_000,
    );
  });
}

test('verify names the fault: a removed metrics API', async (t) => {
  const sandbox = await startOwnSandbox(t);
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents } });
  const there = ['--kubeconfig', sandbox.kubeconfig, '--namespace', 'default'];
  assert.equal((await app.run('up', ['--yes', ...there])).code, 0);
  await sandbox.request('DELETE', '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io');
  const run = await app.run('verify', there);
  assert.equal(run.code, 10, run.stdout);
  assert.ok(findingIds(run).includes('hpa/metrics-api'), run.stdout);
});

for (const command of ['verify', 'doctor', 'status', 'logs']) {
  test(`${command} of a namespace that does not exist says so and which one may be meant, exit 4`, async (t) => {
    const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents } });
    const run = await app.run(command, ['--namespace', `${app.namespace}x`]);
    assert.equal(run.code, 4, run.stdout);
    const error = objectOf(resultOf(run).error);
    assert.match(String(error.message), /There is no namespace .*: nothing is deployed there/);
    assert.match(String(error.fix), new RegExp(`Did you mean .*${app.namespace}`));
  });
}

test('status and logs of a namespace with workloads of others say what is there', async (t) => {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents } });
  const labels = { app: 'theirs' };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.com/theirs:1' }] } },
  };
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments`;
  await app.sandbox.request('POST', path, { metadata: { name: 'theirs' }, spec });
  const status = await app.run('status', ['--output', 'plain']);
  assert.equal(status.code, 0, status.stderr);
  assert.match(
    status.stdout,
    /Nothing of web is deployed here\. The namespace has 1 workload, not of web\.\nnext: another/,
  );
  assert.doesNotMatch(status.stdout, /oms-deploy up/);
  const logs = await app.run('logs');
  assert.equal(logs.code, 2);
  assert.match(logs.stdout, /There are: theirs\./);
});

test('a failed rollout: one card with the proof of the pod that is not ready, and what still serves', async (t) => {
  const app = await deployed(t);
  const image = 'example.com/reader:never-ready';
  await strategic(`${apps}/reader`, container('reader', { image }))(app);
  await app.sandbox.setHealth({ service: 'reader', namespace: app.namespace, path: '/ready', status: 503 });
  await eventually(
    async () => ((await app.run('status')).stdout.includes('1 of 2 pods updated') ? true : undefined),
    () => 'the rollout does not begin',
  );
  const run = await verify(app);
  const cards = arrayOf(resultOf(run).findings).map(objectOf);
  const [card, ...more] = cards.filter(({ id }) => /^pods?\/not-ready$/.test(String(id)));
  assert.equal(more.length, 0, run.stdout);
  const proof = JSON.stringify(card?.evidence);
  assert.match(proof, /pod reader-\S+, container reader: runs for .* and is not ready/);
  assert.match(proof, /\/ready on pod reader-\S+: HTTP 503, asked through a port-forward/);
  assert.match(proof, /still serves example\.com\/reader:1 with 2 ready pods/);
  assert.match(String(card?.fix), /readiness probe \(GET \/ready on port http\): oms-deploy logs/);
  assert.deepEqual(
    cards.map(({ id }) => id).filter((id) => /^(events|logs|pods\/restarts|images\/old)/.test(String(id))),
    [],
  );
  const released = arrayOf(resultOf(run).checks)
    .map(objectOf)
    .find(({ id }) => id === 'images/released');
  assert.notEqual(released?.status, 'passed');
  const status = await app.run('status', ['--output', 'plain']);
  assert.match(status.stdout, /reader:1 -> never-ready \(1 of 2 updated\)/);
  assert.match(status.stdout, /2 pods still serve reader:1/);
});

test('a crash is one card of doctor, with its log', async (t) => {
  const app = await deployed(t);
  await strategic(`${apps}/worker`, container('worker', { image: 'example.com/worker:crash' }))(app);
  let last = '';
  await eventually(
    async () => {
      const run = await app.run('doctor');
      last = run.stdout;
      const found = arrayOf(resultOf(run).findings).map(objectOf);
      const ids = found.map(({ id }) => id);
      const proof = JSON.stringify(found.find(({ id }) => id === 'container/crash')?.evidence);
      const isOne = ids.every((id) => ['container/crash', 'images/changed'].includes(String(id)));
      return isOne && /back-off|exit code 1/i.test(proof) && proof.includes('Unhandled exception') ? true : undefined;
    },
    () => `not one card in ${last}`,
  );
});

test('logs --previous where nothing has restarted says so', async (t) => {
  const app = await deployed(t);
  const run = await app.run('logs', ['worker', '--previous', '--output', 'plain']);
  assert.equal(run.code, 0);
  assert.equal(run.stdout, '');
  assert.match(run.stderr, /No container of worker has restarted/);
});

test('doctor looks at the endpoints of a webhook in another namespace', async (t) => {
  const app = await deployed(t);
  const home = await app.sandbox.createNamespace('hook', t);
  const service = { spec: { ports: [{ port: 443 }], selector: { app: 'hook' } }, metadata: { name: 'hook' } };
  await app.sandbox.request('POST', `/api/v1/namespaces/${home}/services`, service);
  const path = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  const webhook = {
    name: 'check.hook.example',
    clientConfig: { service: { namespace: home, name: 'hook' } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': app.namespace } },
    rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['UPDATE'] }],
  };
  t.after(() => app.sandbox.request('DELETE', `${path}/${home}`));
  await app.sandbox.request('POST', path, { metadata: { name: home }, webhooks: [webhook] });
  const found = arrayOf(resultOf(await app.run('doctor')).findings).map(objectOf);
  const hook = found.find(({ id }) => id === 'webhooks/endpoints');
  assert.match(String(hook?.cause), new RegExp(`asks Service ${home}/hook, which has no ready endpoint`));
});

test('status, logs and doctor of a healthy deployment', async (t) => {
  const app = await deployed(t);
  const status = resultOf(await app.run('status'));
  assert.deepEqual(
    arrayOf(status.workloads).map((row) => [
      objectOf(objectOf(row).object).name,
      objectOf(row).ready,
      objectOf(row).state,
    ]),
    [
      ['reader', 2, 'ready'],
      ['worker', 1, 'ready'],
    ],
  );
  const logs = eventsOf(await app.run('logs', ['reader', '--tail', '2'])).filter(({ type }) => type === 'log');
  assert.equal(new Set(logs.map(({ pod }) => pod)).size, 2);
  assert.equal(logs.length, 4);
  assert.deepEqual(
    logs.map(({ time }) => String(time)),
    logs.map(({ time }) => String(time)).toSorted(),
  );
  assert.equal((await app.run('doctor')).code, 0);
  const wrong = await app.run('logs', ['raeder']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stdout, /There are: reader, worker\./);
});

test('logs --follow goes on with the pod that replaces another', async (t) => {
  const app = await deployed(t);
  const [uid = ''] = await app.podsOf('worker');
  let replaced = false;
  let stopped = false;
  const seen = new Set<string>();
  const run = await app.run('logs', ['worker', '--follow'], {
    onOutput: (printed, kill) => {
      for (const [, pod = ''] of printed.matchAll(/"pod":"([^"]+)"/g)) seen.add(pod);
      if (seen.size === 1 && !replaced) {
        replaced = true;
        const [name = ''] = seen;
        void app.sandbox.request('DELETE', `/api/v1/namespaces/${app.namespace}/pods/${name}`);
      }
      if (seen.size === 2 && !stopped) {
        stopped = true;
        kill('SIGINT');
      }
    },
  });
  assert.equal(run.code, 130, run.stdout);
  assert.equal(seen.size, 2);
  assert.notEqual(uid, (await app.podsOf('worker'))[0]);
});

test('an image that the manifests name by a placeholder is compared with what the release recorded', async (t) => {
  const files = { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': deploymentYaml('reader', { tag: '${reader_tag}' }) };
  const app = await makeApp(t, { files });
  const check = async (): Promise<Json | undefined> =>
    arrayOf(resultOf(await verify(app)).checks).find((one) => objectOf(one).id === 'images/released');
  const up = await app.run('up', ['--yes', '--timeout', '1m', '--set', 'reader_tag=1']);
  assert.equal(up.code, 0, up.stdout);
  const { status, detail } = objectOf(await check());
  assert.deepEqual(
    [status, String(detail).replace(/^.*manifests, /, '')],
    ['passed', 'that of release 1 where they have a placeholder'],
  );
  const containers = [{ name: 'reader', image: 'example.com/reader:2' }];
  const path = `${apps}/reader`.replace('NS', app.namespace);
  const body = { spec: { template: { spec: { containers } } } };
  await app.sandbox.request('PATCH', path, body, 'application/strategic-merge-patch+json');
  assert.equal(objectOf(await check()).status, 'failed');
});
