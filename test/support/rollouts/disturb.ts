import { setTimeout as delay } from 'node:timers/promises';
import { arrayOf, at, isObject, type Json, type JsonObject, stringOf } from '../../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';
import type { TestSandbox } from '../sandbox.ts';
import type { EventText, EventWriter } from './event-writer.ts';
import type { Kubelet } from './kubelet.ts';
import { nodeObject, resources } from './objects.ts';
import type { Disturbance, RolloutPlan, WorkloadPlan } from './plan.ts';

/** The place of one rollout. */
export interface Stage {
  readonly plan: RolloutPlan;
  readonly sandbox: TestSandbox;
  readonly namespace: string;
  readonly kubelet: Kubelet;
  readonly writeEvent: EventWriter;
}

const merge = 'application/merge-patch+json';
const taints = [{ key: 'test.oms-deploy.io/maintenance', effect: 'NoExecute' }];

/** Carries out the disturbances of a plan, each at its moment, until the signal; `told` hears of each that happens. */
export async function disturb(stage: Stage, told: (text: string) => void, signal: AbortSignal): Promise<void> {
  await Promise.all(
    stage.plan.disturbances.map(async (disturbance) => {
      try {
        await delay(disturbance.atMs, undefined, { signal });
        const hit = await carryOut(disturbance, stage, signal);
        if (hit !== undefined) told(`${disturbance.what}: ${hit}`);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }),
  );
}

/** What was hit, or undefined where there was nothing to hit. */
async function carryOut(disturbance: Disturbance, stage: Stage, signal: AbortSignal): Promise<string | undefined> {
  const { what, forMs, choice } = disturbance;
  const { sandbox, plan, kubelet } = stage;
  const workload = plan.workloads.find(({ name }) => name === disturbance.workload);
  if (workload === undefined) return undefined;
  const node = nodeName(plan, choice % plan.nodes);
  const nodePath = `/api/v1/nodes/${node}`;
  const spec = (change: JsonObject) => sandbox.request('PATCH', nodePath, { spec: change }, merge);
  const wait = () => delay(forMs, undefined, { signal });
  switch (what) {
    case 'cordon':
      await spec({ unschedulable: true });
      await wait();
      await spec({ unschedulable: null });
      return node;
    case 'delete-node':
      await sandbox.request('DELETE', nodePath);
      await wait();
      await sandbox.request('POST', '/api/v1/nodes', nodeObject(node, plan));
      return node;
    case 'drain-node':
      return drainNode(node, choice, stage);
    case 'taint-node':
      await spec({ taints });
      await wait();
      await spec({ taints: null });
      return node;
    case 'lose-node':
      if (!(await kubelet.lose(node))) return undefined;
      await wait();
      await kubelet.regain(node);
      return node;
    case 'scale':
      return scale(workload, choice, stage);
    case 'delete-pod':
    case 'evict-pod':
      return removePod(what, workload, choice, stage);
    case 'event':
      return announce(workload, choice, stage);
  }
}

/** As an upgrade of a node group does it: a new node first, then the old one is emptied and goes. */
async function drainNode(node: string, choice: number, stage: Stage): Promise<string> {
  const { sandbox, plan } = stage;
  await sandbox.request('POST', '/api/v1/nodes', nodeObject(`${node}-new-${choice}`, plan));
  await sandbox.request('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: true } }, merge);
  const there = (await podsOf(stage)).filter((pod) => at(pod, 'spec', 'nodeName') === node);
  await Promise.all(there.map((pod) => evict(pod, stage)));
  await sandbox.request('DELETE', `/api/v1/nodes/${node}`);
  return `${node} with ${there.length} pods`;
}

async function scale(workload: WorkloadPlan, choice: number, stage: Stage): Promise<string | undefined> {
  const { sandbox, namespace } = stage;
  const { kind, name, extras } = workload;
  if (extras.hpa) {
    await sandbox.setMetrics({ namespace, podPrefix: `${name}-`, cpu: '150m' });
    return `load on ${name}`;
  }
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return undefined;
  const path = `${resources[kind]}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}/scale`;
  const replicas = 1 + (choice % 5);
  const answer = await sandbox.request('PATCH', path, { spec: { replicas } }, merge);
  return answer.status === 200 ? `${name} to ${replicas}` : undefined;
}

async function removePod(
  what: 'delete-pod' | 'evict-pod',
  workload: WorkloadPlan,
  choice: number,
  stage: Stage,
): Promise<string | undefined> {
  const pods = await podsOf(stage, workload);
  const pod = pods[choice % Math.max(1, pods.length)];
  if (pod === undefined) return undefined;
  if (what === 'evict-pod') await evict(pod, stage);
  else await stage.sandbox.request('DELETE', podPath(pod, stage));
  return pod.metadata.name;
}

async function evict(pod: KubernetesObject, stage: Stage): Promise<void> {
  const { name = '', namespace = '' } = pod.metadata;
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
  await stage.sandbox.request('POST', `${podPath(pod, stage)}/eviction`, body);
}

/** Warnings that come with every busy cluster, each once. */
const podTexts: readonly EventText[] = [
  { reason: 'FailedScheduling', message: '0/3 nodes are available: 3 Insufficient cpu.' },
  { reason: 'BackOff', message: 'Back-off restarting failed container app in pod' },
  { reason: 'Unhealthy', message: 'Readiness probe failed: dial tcp 10.0.0.1:80: connect: connection refused' },
  { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "token": object not registered' },
];

async function announce(workload: WorkloadPlan, choice: number, stage: Stage): Promise<string | undefined> {
  const { kind, name } = workload;
  const { sandbox, namespace, writeEvent } = stage;
  const text = podTexts[choice % (podTexts.length + 1)];
  if (text === undefined) {
    const path = `${resources[kind]}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;
    const owner = (await sandbox.request('GET', path)).body;
    if (!isKubernetesObject(owner)) return undefined;
    const message = `Error creating: pods "${name}-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=9, limited: pods=9`;
    await writeEvent(owner, { reason: 'FailedCreate', message });
    return `FailedCreate of ${kind} ${name}`;
  }
  const pods = await podsOf(stage, workload);
  const pod = pods[choice % Math.max(1, pods.length)];
  if (pod === undefined) return undefined;
  await writeEvent(pod, text);
  return `${text.reason} of ${pod.metadata.name ?? ''}`;
}

/** The pods of a rollout, or of one of its workloads, that aren't being deleted. */
export async function podsOf(
  { sandbox, namespace }: Pick<Stage, 'sandbox' | 'namespace'>,
  workload?: WorkloadPlan,
): Promise<readonly KubernetesObject[]> {
  const query = workload === undefined ? '' : `?labelSelector=app%3D${workload.name}`;
  const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/pods${query}`);
  return arrayOf(at(body, 'items'))
    .map((pod: Json) => (isObject(pod) ? { apiVersion: 'v1', kind: 'Pod', ...pod } : {}))
    .filter(isKubernetesObject)
    .filter(({ metadata }) => stringOf(metadata.deletionTimestamp) === undefined);
}

function podPath(pod: KubernetesObject, { namespace }: Stage): string {
  return `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name ?? ''}`;
}

/** The name of a rollout's nth node. */
export function nodeName(plan: RolloutPlan, index: number): string {
  return `rollout-${plan.number}-${index}`;
}
