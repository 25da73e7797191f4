import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeApp } from '../support/app.ts';

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
  // 5 objects and the namespace are read, 5 tried; each kind that readiness is judged by is listed once (Deployments,
  // ReplicaSets, pods, events, Services, EndpointSlices), and watched hardly at all if everything is ready.
  const { get, 'patch dry-run': tried, list, watch = 0, ...others } = count(requests);
  assert.deepEqual({ get, tried, list, others }, { get: 6, tried: 5, list: 6, others: {} });
  assert.ok(watch <= 6, `${watch} watches`);
});

test('a first up applies each object once', async (t) => {
  const app = await makeApp(t);
  const requests = await requestsDuring(app, () => app.run('up', ['--yes']));
  assert.equal(count(requests).patch, 5);
});
