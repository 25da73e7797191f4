import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayOf, at, isObject, type Json, type JsonObject } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { eventsOf, resultOf } from '../support/cli.ts';

/** A StatefulSet, and a Deployment that says both itself. */
const more = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  serviceName: store
  replicas: 1
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      containers: [{name: store, image: 'example.com/store:1'}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: own}
spec:
  replicas: 1
  selector: {matchLabels: {app: own}}
  template:
    metadata: {labels: {app: own}}
    spec:
      priorityClassName: system-cluster-critical
      topologySpreadConstraints:
        - {topologyKey: kubernetes.io/hostname, maxSkew: 2, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: own}}}
      containers: [{name: own, image: 'example.com/own:1'}]
`;

const up = ['--yes', '--soak', '0s'];
const on = ['--with', 'spread', '--with', 'priority'];

async function podSpecs({ sandbox, namespace }: TestApp, app: string): Promise<readonly (Json | undefined)[]> {
  const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
  const alive = arrayOf(at(body, 'items')).filter((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined);
  return alive.map((pod) => at(pod, 'spec'));
}

async function templateSpec({ sandbox, namespace }: TestApp, path: string): Promise<Json | undefined> {
  const { body } = await sandbox.request('GET', `/apis/apps/v1/namespaces/${namespace}/${path}`);
  return at(body, 'spec', 'template', 'spec');
}

const constraints = (app: string, hash: JsonObject): readonly JsonObject[] =>
  ['topology.kubernetes.io/zone', 'kubernetes.io/hostname'].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: { app } },
    ...hash,
  }));

test('spread and priority change what says nothing of it, restart its pods once, and go again', async (t) => {
  const app = await makeApp(t, { files: { 'k8s/more.yaml': more } });
  const { sandbox, namespace } = app;
  assert.equal((await app.run('up', up)).code, 0);
  const before = { reader: await app.podsOf('reader'), own: await app.podsOf('own') };

  const plan = await app.run('plan', on);
  assert.equal(plan.code, 0, plan.stdout);
  const objects = arrayOf(eventsOf(plan).find(({ type }) => type === 'plan')?.objects).filter(isObject);
  const reader = objects.find(
    (one) => at(one, 'object', 'name') === 'reader' && at(one, 'object', 'kind') === 'Deployment',
  );
  assert.deepEqual(arrayOf(reader?.notes), ['restarts 2 pods']);

  const deployed = await app.run('up', [...up, ...on]);
  assert.equal(deployed.code, 0, deployed.stdout);
  assert.deepEqual(at(resultOf(deployed), 'changes'), { created: 1, updated: 3, unchanged: 4, deleted: 0 });
  const className = `web-${namespace}`;
  const classPath = `/apis/scheduling.k8s.io/v1/priorityclasses/${className}`;
  t.after(() => sandbox.request('DELETE', classPath));
  const { body: made } = await sandbox.request('GET', classPath);
  assert.deepEqual(
    ['value', 'preemptionPolicy', 'globalDefault'].map((field) => at(made, field)),
    [100_000, 'Never', undefined],
  );
  const specs = await podSpecs(app, 'reader');
  assert.equal(specs.length, 2);
  for (const spec of specs) {
    assert.deepEqual([at(spec, 'priorityClassName'), at(spec, 'priority')], [className, 100_000]);
  }
  const hash = { matchLabelKeys: ['pod-template-hash'] };
  assert.deepEqual(
    arrayOf(at(await templateSpec(app, 'deployments/reader'), 'topologySpreadConstraints')),
    constraints('reader', hash),
  );
  const store = await templateSpec(app, 'statefulsets/store');
  assert.deepEqual(arrayOf(at(store, 'topologySpreadConstraints')), constraints('store', {}));
  assert.equal(at(store, 'priorityClassName'), className);
  assert.deepEqual(await app.podsOf('own'), before.own);
  assert.notDeepEqual(await app.podsOf('reader'), before.reader);

  const settled = await app.podsOf('reader');
  const again = await app.run('up', [...up, ...on]);
  assert.equal(at(resultOf(again), 'release'), null, again.stdout);
  assert.deepEqual(await app.podsOf('reader'), settled);
  const verified = await app.run('verify', on);
  assert.equal(verified.code, 0, verified.stdout);

  const explained = await app.run('explain', ['deployment/reader', 'priorityClassName', ...on]);
  assert.equal(explained.code, 0, explained.stderr);
  const [field] = arrayOf(resultOf(explained).fields);
  assert.match(String(at(field, 'file')), /^addon priority: workloads\.yaml$/);
  assert.equal(at(field, 'written'), '${application}-${namespace}');

  const without = await app.run('up', up);
  assert.equal(without.code, 0, without.stdout);
  assert.deepEqual(at(resultOf(without), 'changes'), { created: 0, updated: 3, unchanged: 4, deleted: 1 });
  const restored = await templateSpec(app, 'deployments/reader');
  assert.deepEqual(
    ['topologySpreadConstraints', 'priorityClassName'].map((key) => at(restored, key)),
    [undefined, undefined],
  );
  assert.equal((await sandbox.request('GET', classPath)).status, 404);
});

test('another value needs another PriorityClass: the plan says so', async (t) => {
  const app = await makeApp(t);
  const priority = ['--with', 'priority'];
  assert.equal((await app.run('up', [...up, ...priority])).code, 0);
  t.after(() => app.sandbox.request('DELETE', `/apis/scheduling.k8s.io/v1/priorityclasses/web-${app.namespace}`));
  const plan = await app.run('plan', [...priority, '--set', 'priority_value=5']);
  assert.equal(plan.code, 3, plan.stdout);
  const finding = arrayOf(resultOf(plan).findings).find(isObject);
  assert.match(String(finding?.fix), /^Set it back, or delete it .*kubectl --kubeconfig \S+ delete priorityclass web-/);
});
