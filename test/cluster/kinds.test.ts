import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, type JsonObject, objectOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { restrictedKubeconfig } from '../support/rbac.ts';
import { bareConfig, deploymentYaml, serviceYaml } from '../support/workloads.ts';

function appOf(t: TestContext, documents: string): Promise<TestApp> {
  return makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents } });
}

function up(app: TestApp, timeout = '2m'): Promise<CliResult> {
  return app.run('up', ['--yes', '--timeout', timeout]);
}

function firstCause(run: CliResult): string {
  return String(objectOf(arrayOf(resultOf(run).findings)[0]).cause);
}

/** A pod template of one container that behaves by its tag. */
function template(name: string, tag: string, more = ''): string {
  return `{metadata: {labels: {app: ${name}}}, spec: {${more}containers: [{name: ${name}, image: "example.com/${name}:${tag}"}]}}`;
}

function workload(kind: string, name: string, spec: string): string {
  const group = kind === 'Job' ? 'batch/v1' : 'apps/v1';
  return `---\napiVersion: ${group}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}

const selector = (name: string): string => `  selector: {matchLabels: {app: ${name}}}\n`;

test('StatefulSet, DaemonSet and Job get ready side by side', async (t) => {
  const documents =
    workload(
      'StatefulSet',
      's',
      `  replicas: 2\n  serviceName: s\n${selector('s')}  template: ${template('s', '1')}\n`,
    ) +
    workload('DaemonSet', 'd', `${selector('d')}  template: ${template('d', '1')}\n`) +
    workload('Job', 'j', `  completions: 2\n  template: ${template('j', '1', 'restartPolicy: Never, ')}\n`);
  const app = await appOf(t, documents);
  const run = await up(app);
  assert.equal(run.code, 0, run.stdout);
  const ready = eventsOf(run).filter(({ type }) => type === 'ready');
  assert.deepEqual(ready.map((event) => `${String(at(event, 'object', 'kind'))} ${String(event.detail)}`).sort(), [
    'DaemonSet 3/3',
    'Job 2/2',
    'StatefulSet 2/2',
  ]);
});

/** Each kind of workload fails by what its pods say; a StatefulSet at its first pod, which keeps the others back. */
const broken: readonly (readonly [kind: string, document: string, id: string, cause: RegExp])[] = [
  [
    'StatefulSet',
    workload(
      'StatefulSet',
      'a',
      `  replicas: 3\n  serviceName: a\n${selector('a')}  template: ${template('a', 'crash')}\n`,
    ),
    'container/crash',
    /^StatefulSet \S+\/a: the container ends with exit code 1/,
  ],
  [
    'DaemonSet',
    workload('DaemonSet', 'a', `${selector('a')}  template: ${template('a', 'image-not-found')}\n`),
    'image/not-found',
    /^DaemonSet \S+\/a: the image \S+ does not exist/,
  ],
  [
    'Job whose pods fail',
    workload('Job', 'a', `  backoffLimit: 0\n  template: ${template('a', 'crash', 'restartPolicy: Never, ')}\n`),
    'job/failed',
    /^Job \S+\/a: /,
  ],
  [
    'Job whose image does not exist',
    workload('Job', 'a', `  template: ${template('a', 'image-not-found', 'restartPolicy: Never, ')}\n`),
    'image/not-found',
    /^Job \S+\/a: the image \S+ does not exist/,
  ],
];

for (const [name, document, id, cause] of broken) {
  test(`a broken ${name}`, async (t) => {
    const app = await appOf(t, document);
    const run = await up(app);
    assert.equal(run.code, 5, run.stdout);
    assert.deepEqual(findingIds(run), [id]);
    assert.match(firstCause(run), cause);
  });
}

test('a registry that refuses is waited for, for a minute, and then is the failure', async (t) => {
  const app = await appOf(t, deploymentYaml('a', { tag: 'pull-denied' }));
  const run = await up(app, '3m');
  assert.equal(run.code, 5, run.stdout);
  assert.deepEqual(findingIds(run), ['image/denied']);
  const [begin, end] = [eventsOf(run).find(({ type }) => type === 'applied'), eventsOf(run).at(-1)];
  const waitedMs = Date.parse(String(end?.time)) - Date.parse(String(begin?.time));
  assert.ok(waitedMs > 55_000, `${waitedMs} ms`);
});

test('a quota that lets no pod in is named, with its figures', async (t) => {
  const quota = '---\napiVersion: v1\nkind: ResourceQuota\nmetadata: {name: tight}\nspec: {hard: {pods: "1"}}\n';
  const app = await appOf(t, quota + deploymentYaml('a', { tag: '1', replicas: 2 }));
  const run = await app.run('up', ['--yes', '--timeout', '2m', '--skip-preflight', 'quota/room']);
  assert.equal(run.code, 5, run.stdout);
  assert.deepEqual(findingIds(run), ['pods/quota']);
  assert.match(firstCause(run), /ResourceQuota lets no more pods in: tight, requested: pods=1/);
});

test('pod security that refuses the pods is told before anything is written, with the fields', async (t) => {
  const app = await appOf(t, deploymentYaml('a', { tag: '1' }));
  const path = `/api/v1/namespaces/${app.namespace}`;
  const label = (labels: JsonObject) =>
    app.sandbox.request('PATCH', path, { metadata: { labels } }, 'application/merge-patch+json');
  assert.equal((await label({ 'pod-security.kubernetes.io/enforce': 'restricted' })).status, 200);
  const run = await up(app);
  assert.equal(run.code, 3, run.stdout);
  assert.ok(findingIds(run).includes('pods/security'));
  assert.match(run.stdout, /the namespace refuses its pods: they violate the pod security level restricted:latest/);
  assert.match(run.stdout, /must set securityContext\.runAsNonRoot=true/);
  assert.deepEqual(await app.writes(), []);
  // A level that is only warned of is a warning.
  const warn = { 'pod-security.kubernetes.io/enforce': null, 'pod-security.kubernetes.io/warn': 'restricted' };
  assert.equal((await label(warn)).status, 200);
  assert.equal((await up(app)).code, 0);
});

test('a ServiceAccount that is missing is named', async (t) => {
  const app = await appOf(t, deploymentYaml('a', { tag: '1', pod: ['serviceAccountName: gone'] }));
  const run = await up(app);
  assert.equal(run.code, 5, run.stdout);
  assert.match(firstCause(run), /ServiceAccount.*gone|serviceaccount "gone"/i);
});

test('a Service whose selector matches nothing fails the deploy, with the labels that are there', async (t) => {
  const app = await appOf(t, deploymentYaml('a', { tag: '1' }) + serviceYaml('a').replace('app: a', 'app: b'));
  const run = await up(app);
  assert.equal(run.code, 5, run.stdout);
  assert.deepEqual(findingIds(run), ['service/no-pods']);
  assert.match(run.stdout, /pods of the namespace have: app=a/);
});

test('an HPA without a target fails the deploy; one without figures only warns', async (t) => {
  const hpa = (name: string, target: string): string => `---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ${name}}
spec:
  maxReplicas: 3
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: ${target}}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
`;
  const app = await appOf(t, deploymentYaml('a', { tag: '1' }) + hpa('fine', 'a') + hpa('lost', 'nowhere'));
  const run = await up(app);
  assert.equal(run.code, 5, run.stdout);
  assert.deepEqual(findingIds(run), ['hpa/target']);
  assert.match(firstCause(run), /HorizontalPodAutoscaler \S+\/lost: it can't scale its target/);
});

test('a claim waits for its first pod, and an unbound one says what it waits for', async (t) => {
  const documents = `---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: late-${process.pid}}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: late-${process.pid}, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: other}
spec: {storageClassName: nowhere, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;
  const app = await appOf(t, documents);
  t.after(() => app.sandbox.request('DELETE', `/apis/storage.k8s.io/v1/storageclasses/late-${process.pid}`));
  const run = await up(app, '15s');
  assert.equal(run.code, 6, run.stdout);
  assert.deepEqual(
    arrayOf(resultOf(run).findings).map((finding) => String(at(finding, 'cause')).replace(app.namespace, 'ns')),
    ['PersistentVolumeClaim ns/other: no volume is made for it: storageclass.storage.k8s.io "nowhere" not found.'],
  );
});

test('who may not read Events or ReplicaSets still deploys, and is told what the cause would need', async (t) => {
  const app = await appOf(t, deploymentYaml('a', { tag: 'image-not-found' }));
  const config = await restrictedKubeconfig(t, app.sandbox, app.namespace, [
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['*'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create', 'patch', 'delete'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
  ]);
  const run = await app.run('up', ['--yes', '--timeout', '20s', '--kubeconfig', config]);
  assert.equal(run.code, 6, run.stdout);
  assert.match(firstCause(run), /not ready: 0 of 1 pods ready/);
  assert.match(String(at(resultOf(run), 'error', 'why')), /You may not list and watch Event, ReplicaSet here/);
});

test('who may not read the records of releases is told which rights a deploy needs, and nothing is written', async (t) => {
  const app = await appOf(t, deploymentYaml('a', { tag: '1' }));
  const config = await restrictedKubeconfig(t, app.sandbox, app.namespace, [
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['*'] },
  ]);
  const run = await app.run('up', ['--yes', '--kubeconfig', config]);
  assert.equal(run.code, 4, run.stdout);
  const named = arrayOf(resultOf(run).findings).find((finding) => at(finding, 'id') === 'access/denied');
  const where = `in namespace ${app.namespace}`;
  assert.deepEqual(at(named, 'evidence'), [
    ...['get', 'list', 'create', 'patch'].map((verb) => `${verb} secrets ${where}`),
    ...['get', 'update', 'create'].map((verb) => `${verb} leases.coordination.k8s.io ${where}`),
  ]);
  assert.ok(!findingIds(run).includes('cluster/forbidden'), run.stdout);
  // Without the preflight it is still said, if not so exactly.
  const skipping = await app.run('up', ['--yes', '--kubeconfig', config, '--skip-preflight']);
  assert.equal(skipping.code, 4, skipping.stdout);
  assert.match(skipping.stdout, /list Secret objects: the records of the releases are there/);
  assert.match(skipping.stdout, /create, patch and delete Secrets and to get, create and update Leases/);
  assert.deepEqual(await app.writes(), []);
});

/** Changes the Deployment `a` once the wait for it has begun. */
async function changedMeanwhile(t: TestContext, manager: string, template: JsonObject): Promise<CliResult> {
  const app = await appOf(t, deploymentYaml('a', { tag: 'slow-ready' }));
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments/a?fieldManager=${manager}`;
  let patching: Promise<unknown> | undefined;
  const run = await app.run('up', ['--yes', '--timeout', '1m'], {
    onOutput: (printed) => {
      if (!printed.includes('"type":"progress"')) return;
      patching ??= app.sandbox.request('PATCH', path, { spec: { template } }, 'application/strategic-merge-patch+json');
    },
  });
  await patching;
  return run;
}

test('a workload that somebody else changes meanwhile is no success: who, and what', async (t) => {
  const run = await changedMeanwhile(t, 'kubectl-set', {
    spec: { containers: [{ name: 'a', image: 'example.com/a:theirs' }] },
  });
  assert.equal(run.code, 5, run.stdout);
  assert.deepEqual(findingIds(run), ['rollout/replaced']);
  assert.match(firstCause(run), /kubectl-set changed it again meanwhile/);
  assert.match(run.stdout, /image: example\.com\/a:slow-ready -> example\.com\/a:theirs/);
});

test('kubectl rollout restart meanwhile is waited for', async (t) => {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': '2026-03-01T08:00:00Z' };
  const run = await changedMeanwhile(t, 'kubectl-rollout', { metadata: { annotations } });
  assert.equal(run.code, 0, run.stdout);
});
