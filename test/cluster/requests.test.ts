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

test('an up that changes nothing reads and tries each object once, and writes nothing', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const requests = await requestsDuring(app, () => app.run('up', ['--yes']));
  // 5 objects, the namespace, the lock, the newest release and the key of its secrets are read, 5 objects tried; the releases are listed once,
  // and so is each kind that readiness is judged by (Deployments, ReplicaSets, pods, events, Services, EndpointSlices),
  // and watched hardly at all if everything is ready.
  const { get, 'patch dry-run': tried, list, watch = 0, ...others } = count(requests);
  assert.deepEqual({ get, tried, list, others }, { get: 9, tried: 5, list: 7, others: {} });
  assert.ok(watch <= 6, `${watch} watches`);
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
