import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { notReady } from '../../../src/deploy/outcome.ts';
import type { Tracked } from '../../../src/deploy/tracking.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { worldOf } from '../../../src/model/world.ts';
import { manifest } from '../manifests/helpers.ts';

/** The causes that are told of Deployments which wait for this. */
async function causesOf(...waits: readonly string[]): Promise<readonly string[]> {
  const entries = waits.map((why, index): Tracked => {
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `w${index}`, namespace: 'shop' } };
    return { manifest: manifest(body), sinceMs: 0, isChanged: true, readiness: { state: 'progressing', why } };
  });
  const tracking = { entries, sightings: new Map() };
  const end = { tracking, world: worldOf([], 0), unread: new Map(), elapsedMs: 0, timeoutMs: 1000 };
  const { findings } = await notReady(end, {} as unknown as Cluster, new AbortController().signal);
  return findings.map(({ cause }) => cause);
}

test('workloads of different sizes that wait for the same are one card, without counts', async () => {
  assert.deepEqual(await causesOf('1 of 2 pods updated', '1 of 3 pods updated', '1 of 2 pods updated'), [
    'w0, w1 and w2: not ready: not all pods updated.',
  ]);
  assert.deepEqual(await causesOf('1 old pod to end', '2 old pods to end'), ['w0 and w1: not ready: old pods to end.']);
  assert.deepEqual(await causesOf('2 of 3 pods to stay ready', '1 of 2 pods to stay ready'), [
    'w0 and w1: not ready: pods to stay ready.',
  ]);
});

test('where all say the same count it stays, and what is waited for tells cards apart', async () => {
  assert.deepEqual(await causesOf('1 of 2 pods updated'), ['Deployment shop/w0: not ready: 1 of 2 pods updated.']);
  assert.deepEqual(await causesOf('1 of 2 pods updated', '1 of 2 pods updated', '1 of 2 pods ready'), [
    'w0 and w1: not ready: 1 of 2 pods updated.',
    'Deployment shop/w2: not ready: 1 of 2 pods ready.',
  ]);
});

test('a Service that waits for the pods of an unready workload is a hit of that one, and no cause', async () => {
  const pods = (app: string): JsonObject => ({ metadata: { labels: { app } }, spec: { containers: [] } });
  const workload = (name: string): KubernetesObject => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: 'shop' } },
    spec: { template: pods(name) },
  });
  const service = (app: string): KubernetesObject => ({
    ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: app, namespace: 'shop' } },
    spec: { selector: { app } },
  });
  const waiting = (body: KubernetesObject, why: string): Tracked => ({
    ...{ manifest: manifest(body), sinceMs: 0, isChanged: true },
    readiness: { state: 'progressing', why },
  });
  const entries = [
    waiting(service('web'), 'no ready endpoint'),
    waiting(workload('web'), '0 of 2 pods ready'),
    waiting(service('elsewhere'), 'no ready endpoint'),
  ];
  const tracking = { entries, sightings: new Map() };
  const end = { tracking, world: worldOf([], 0), unread: new Map(), elapsedMs: 0, timeoutMs: 1000 };
  const { message, findings } = await notReady(end, {} as unknown as Cluster, new AbortController().signal);
  assert.equal(message, 'Not ready after 1 s: Deployment shop/web, Service shop/elsewhere.');
  assert.deepEqual(
    findings.map(({ cause, hits }) => [cause, ...(hits ?? [])]),
    [
      [
        'Deployment shop/web: not ready: 0 of 2 pods ready.',
        'Deployment shop/web',
        'Service shop/web: no ready endpoint',
      ],
      ['Service shop/elsewhere: not ready: no ready endpoint.', 'Service shop/elsewhere'],
    ],
  );
});
