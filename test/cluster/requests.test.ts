import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApp } from '../support/app.ts';
import { restrictedKubeconfig } from '../support/rbac.ts';

/** What the program asked of the namespace in one run. */
async function requestsDuring(
  app: Awaited<ReturnType<typeof makeApp>>,
  work: () => Promise<unknown>,
): Promise<readonly string[]> {
  const mine = () =>
    app.sandbox.auditEvents(
      ({ userAgent, requestURI }) => userAgent === 'oms-deploy' && requestURI.includes(app.namespace),
    );
  const before = (await mine()).length;
  await work();
  return (await mine())
    .slice(before)
    .map(({ verb, requestURI }) => `${verb}${requestURI.includes('dryRun=All') ? ' dry-run' : ''}`);
}

function count(requests: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const request of requests) counts[request] = (counts[request] ?? 0) + 1;
  return counts;
}

test('an up that changes nothing reads each object once, tries none, and writes nothing', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const requests = await requestsDuring(app, () => app.run('up', ['--yes']));
  // 5 objects, the namespace, the lock, the newest release and the key of its secrets are read; the releases are listed
  // once, and so is each kind that readiness is judged by (Deployments, ReplicaSets, pods, events, Services,
  // EndpointSlices), and watched hardly at all if everything is ready.
  const { get, list, watch = 0, ...others } = count(requests);
  assert.deepEqual({ get, list, others }, { get: 9, list: 7, others: {} });
  assert.ok(watch <= 6, `${watch} watches`);
});

test('hundreds of objects are listed; a request for each is only what changes it', async (t) => {
  const documents = Array.from({ length: 600 }, (_, index) => {
    return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}\ndata: {level: "\${level}"}\n`;
  });
  const files = { 'k8s/app.yaml': documents.join('---\n') };
  const app = await makeApp(t, { files });
  const up = (...args: readonly string[]) => requestsDuring(app, () => app.run('up', ['--yes', ...args]));
  const first = count(await up());
  // All tried and applied; the end of the record.
  assert.deepEqual([first['patch dry-run'], first.patch], [600, 601]);
  // A page of ConfigMaps (none yet; then two), the releases, and where something changes three lists of the preflight.
  assert.equal(first.list, 5);
  const { get = 0, list, ...others } = count(await up());
  assert.deepEqual({ list, others }, { list: 3, others: {} });
  assert.ok(get < 6, `${get} objects were read one by one`);
  const changed = count(await up('--set', 'level=Debug'));
  assert.deepEqual([changed['patch dry-run'], changed.patch, changed.list], [600, 601, 6]);
});

test('a first up applies each object once, and writes of its release no more than it must', async (t) => {
  const app = await makeApp(t);
  const requests = await requestsDuring(app, () => app.run('up', ['--yes']));
  const { patch, create, update } = count(requests);
  // 5 objects and the end of the record; the lock, the key of the secrets, the record; the lock again before each of the
  // three waves, the wait and the pruning, and when it is given back.
  assert.deepEqual({ patch, create, update }, { patch: 6, create: 3, update: 6 });
});

test('the preflight of a plan that changes something asks the cluster a handful of times', async (t) => {
  const app = await makeApp(t);
  const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const kubeconfig = await restrictedKubeconfig(t, app.sandbox, app.namespace, everything);
  const asked = async (...args: readonly string[]): Promise<readonly string[]> => {
    const user = `system:serviceaccount:${app.namespace}:restricted`;
    const mine = () => app.sandbox.auditEvents((event) => event.user === user);
    const before = (await mine()).length;
    assert.equal((await app.run('plan', ['--kubeconfig', kubeconfig, ...args])).code, 0);
    return (await mine()).slice(before).map(({ verb, requestURI }) => `${verb} ${requestURI.split('?')[0] ?? ''}`);
  };
  const without = await asked('--skip-preflight');
  const extra = [...(await asked())];
  for (const request of without) extra.splice(extra.indexOf(request), 1);
  // All rules of the namespace in one review; quotas, policies and webhooks, of which there are none that ask more. An HPA
  // and an Ingress add one list each, a quota two; each right that no rule covers adds a review of its own.
  assert.deepEqual(extra.map((request) => request.split('/').at(-1) ?? '').sort(), [
    'mutatingwebhookconfigurations',
    'networkpolicies',
    'resourcequotas',
    'selfsubjectrulesreviews',
    'validatingwebhookconfigurations',
  ]);
});
