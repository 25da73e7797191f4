import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, numberOf } from '../../src/model/json.ts';
import { autoscaler, makeApp, type TestApp } from '../support/app.ts';
import { eventually } from '../support/sandbox.ts';

const files = { 'k8s/hpa.yaml': autoscaler };

async function replicas(app: TestApp): Promise<number> {
  return numberOf(at(await app.get('deployments', 'reader'), 'spec', 'replicas'), -1);
}

function scale(app: TestApp, count: number) {
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments/reader/scale`;
  return app.sandbox.request('PATCH', path, { spec: { replicas: count } }, 'application/merge-patch+json');
}

/** Every value that spec.replicas had from the object's first state to its last, as the API server's watch tells it. */
async function historyOf(app: TestApp, from: string, until: () => Promise<unknown>): Promise<readonly number[]> {
  const seen: number[] = [];
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments?watch=true&timeoutSeconds=2&resourceVersion=${from}`;
  await until();
  const { body } = await app.sandbox.request('GET', path);
  const lines = String(body)
    .split('\n')
    .filter((line) => line !== '');
  for (const line of lines) {
    const event: unknown = JSON.parse(line);
    if (at(event, 'object', 'metadata', 'name') === 'reader')
      seen.push(numberOf(at(event, 'object', 'spec', 'replicas'), -1));
  }
  return seen;
}

test('a workload with an HPA starts at its minimum, and the field is nobody’s', async (t) => {
  const app = await makeApp(t, { files });
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  const live = await app.get('deployments', 'reader');
  assert.equal(at(live, 'spec', 'replicas'), 3);
  const managed = JSON.stringify(at(live, 'metadata', 'managedFields'));
  assert.doesNotMatch(managed, /f:replicas":\{\},"f:(selector|strategy|template)/);
});

test('an HPA’s scale of 7 is kept by the next up, also one that changes the pods', async (t) => {
  const app = await makeApp(t, { files });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  // 3 pods at 160% against a target of 70%: ceil(3 * 160 / 70) = 7.
  await app.sandbox.setMetrics({ namespace: app.namespace, podPrefix: 'reader', cpu: '160m' });
  await eventually(
    async () => ((await replicas(app)) >= 7 ? true : undefined),
    () => 'the HPA does not scale up',
    60_000,
  );
  await app.sandbox.setMetrics({ namespace: app.namespace, podPrefix: 'reader', cpu: '70m' });
  const scaled = await replicas(app);
  const from = String(at(await app.get('deployments', 'reader'), 'metadata', 'resourceVersion'));
  const history = await historyOf(app, from, async () => {
    const run = await app.run('up', ['--yes', '--set', 'level=Debug']);
    assert.equal(run.code, 0, run.stdout);
  });
  assert.ok(history.length > 0);
  assert.ok(
    history.every((count) => count >= scaled),
    `replicas were ${history.join(', ')}`,
  );
});

test('a Deployment applied by hand with replicas is adopted without going below its live count', async (t) => {
  const app = await makeApp(t, { files });
  await app.kubectlApply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'reader' },
    spec: {
      replicas: 5,
      selector: { matchLabels: { app: 'reader' } },
      template: {
        metadata: { labels: { app: 'reader' } },
        spec: { containers: [{ name: 'reader', image: 'example.com/reader:0' }] },
      },
    },
  });
  const from = String(at(await app.get('deployments', 'reader'), 'metadata', 'resourceVersion'));
  const history = await historyOf(app, from, async () => {
    const run = await app.run('up', ['--yes']);
    assert.equal(run.code, 0, run.stdout);
  });
  assert.ok(history.length > 0);
  assert.ok(
    history.every((count) => count === 5),
    `replicas were ${history.join(', ')}`,
  );
});

test('replicas that the manifest owned are given up, not reset, when an HPA comes', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await scale(app, 6);
  const { writeFile } = await import('node:fs/promises');
  await writeFile(`${app.folder}/k8s/hpa.yaml`, autoscaler);
  const from = String(at(await app.get('deployments', 'reader'), 'metadata', 'resourceVersion'));
  const history = await historyOf(app, from, async () => {
    const run = await app.run('up', ['--yes']);
    assert.equal(run.code, 0, run.stdout);
  });
  assert.ok(
    history.every((count) => count === 6),
    `replicas were ${history.join(', ')}`,
  );
});
