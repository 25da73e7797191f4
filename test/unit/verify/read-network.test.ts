import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cluster, unknownIdentity } from '../../../src/cluster/cluster.ts';
import type { Scope } from '../../../src/cluster/lists.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { formatNetwork } from '../../../src/ui/network.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { readNetwork } from '../../../src/verify/network/read-network.ts';

const namespace = 'shop';

function object(apiVersion: string, kind: string, name: string, spec: JsonObject): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

function pods(app: string, ports: readonly number[] = []): JsonObject {
  const containers = [{ name: 'main', ports: ports.map((containerPort) => ({ containerPort })) }];
  return { metadata: { labels: { app } }, spec: { containers } };
}

/** A cluster with these objects in the namespace, and nothing around it. */
function clusterOf(objects: readonly KubernetesObject[], isSandbox = false): Cluster {
  const get = (): Promise<KubernetesObject> =>
    Promise.resolve({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const list = (scope: Scope) =>
    Promise.resolve({
      items: objects.filter(
        (one) =>
          one.kind === scope.kind && one.apiVersion === scope.apiVersion && one.metadata.namespace === scope.namespace,
      ),
    });
  return { get, list, identity: { ...unknownIdentity, isSandbox } } as unknown as Cluster;
}

const api = object('apps/v1', 'Deployment', 'api', { template: pods('api', [8080]) });
const cron = (name: string): KubernetesObject =>
  object('batch/v1', 'CronJob', name, { jobTemplate: { spec: { template: pods('nightly') } } });
const denied = object('networking.k8s.io/v1', 'NetworkPolicy', 'no-night', {
  podSelector: { matchLabels: { app: 'nightly' } },
  policyTypes: ['Egress'],
});

async function asking(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const { cells } = await readNetwork(clusterOf(objects), namespace, AbortSignal.timeout(5000));
  const inside = cells.filter(({ to }) => to.endsWith('api'));
  return inside.map(({ from, to, isAllowed }) => `${from} -> ${to}: ${isAllowed ? 'yes' : 'no'}`);
}

test('the pods of a CronJob are among those that may ask, or not', async () => {
  assert.ok((await asking([api, cron('nightly')])).includes('nightly -> api: yes'));
  assert.ok((await asking([api, cron('nightly'), denied])).includes('nightly -> api: no'));
});

test('where two workloads have one name, their kinds tell them apart', async () => {
  assert.ok((await asking([api, cron('api'), denied])).includes('CronJob api -> Deployment api: no'));
});

test('where policies are enforced by nobody, as in a sandbox, the table says so', async () => {
  const shown = async (isSandbox: boolean): Promise<string> => {
    const read = await readNetwork(clusterOf([api, denied], isSandbox), namespace, AbortSignal.timeout(5000));
    return formatNetwork(read, namespace, createStyle(false, false));
  };
  assert.match(await shown(true), /A sandbox enforces none of them/);
  assert.doesNotMatch(await shown(false), /sandbox/);
});
