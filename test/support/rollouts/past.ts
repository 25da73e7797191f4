import { setTimeout as delay } from 'node:timers/promises';
import type { deploy } from '../../../src/deploy/deploy.ts';
import { DeployError } from '../../../src/errors.ts';
import type { Host } from '../../../src/events.ts';
import { arrayOf, at, type Json, type JsonObject, numberOf } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { eventually } from '../sandbox.ts';
import { silentHost } from '../silent-host.ts';
import { nodeName, podsOf, type Stage } from './disturb.ts';
import { objectBefore, resources } from './objects.ts';

/** Runs the deploy of a stage. */
export type Run = (host: Host, signal: AbortSignal) => ReturnType<typeof deploy>;

/** Brings about what the plan has before the deploy. */
export async function makePast(stage: Stage, run: Run): Promise<void> {
  const { plan, sandbox, namespace } = stage;
  for (const workload of plan.workloads) {
    const object = objectBefore(workload, plan);
    if (object === undefined) continue;
    const path = `${resources[workload.kind]}/namespaces/${namespace}/${workload.kind.toLowerCase()}s/${workload.name}`;
    const answer = await sandbox.request(
      'PATCH',
      `${path}?fieldManager=oms-deploy`,
      object,
      'application/apply-patch+yaml',
    );
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    await untilPods(stage, workload.name, (pods) => pods.some((pod) => isPast(pod, workload.before)));
  }
  if (plan.workloads.some(({ before }) => before === 'same')) await makeTrouble(stage, run);
}

function isPast(pod: KubernetesObject, before: string): boolean {
  if (before === 'good') return conditionOf(pod, 'Ready') === 'True';
  return at(pod, 'status', 'containerStatuses') !== undefined;
}

/** Lets the same deploy run into its trouble and breaks it off there, as somebody at a terminal would. */
async function makeTrouble(stage: Stage, run: Run): Promise<void> {
  const { plan, sandbox, namespace } = stage;
  const broken = new AbortController();
  const quota = { metadata: { name: 'small' }, spec: { hard: { pods: '0' } } };
  if (plan.trouble === 'quota') await sandbox.request('POST', `/api/v1/namespaces/${namespace}/resourcequotas`, quota);
  if (plan.trouble === 'no-node') await cordonAll(stage, true);
  const first = run(silentHost, broken.signal).catch((error: unknown) => {
    if (!(error instanceof DeployError)) throw error;
  });
  if (plan.trouble === 'quota') await untilRefused(stage);
  else if (plan.trouble === 'no-node') await untilOldPod(stage);
  else if (plan.isMended) await untilStuck(stage);
  else await untilPods(stage, 'a', (pods) => pods.some(isDeepInTrouble));
  broken.abort();
  await first;
}

async function untilStuck({ kubelet }: Stage): Promise<void> {
  await eventually(
    () => Promise.resolve(kubelet.isStuck() || undefined),
    () => 'no pod got into trouble',
    60_000,
  );
}

/** A pod that the sandbox plays, and that has failed more than once. */
function isDeepInTrouble(pod: KubernetesObject): boolean {
  const [status] = arrayOf(at(pod, 'status', 'containerStatuses'));
  const isPull = at(status, 'state', 'waiting', 'reason') === 'ImagePullBackOff';
  return isPull || numberOf(at(status, 'restartCount'), 0) >= 3;
}

function conditionOf(object: unknown, type: string): Json | undefined {
  const found = arrayOf(at(object, 'status', 'conditions')).find((one) => at(one, 'type') === type);
  return at(found, 'status');
}

async function untilPods(
  stage: Stage,
  name: string,
  matches: (pods: readonly KubernetesObject[]) => boolean,
): Promise<void> {
  let last: readonly KubernetesObject[] = [];
  await eventually(
    async () => {
      last = (await podsOf(stage)).filter(({ metadata }) => metadata.labels?.['app'] === name);
      return matches(last) ? true : undefined;
    },
    () => `the past of ${name} didn't come about: ${JSON.stringify(last.map((pod) => pod['status']))}`,
    60_000,
  );
}

/** The ReplicaSet's controller tries again after twice the time before: by then it waits for longer than our patience. */
async function untilRefused({ sandbox, namespace }: Stage): Promise<void> {
  const query = 'fieldSelector=reason%3DFailedCreate';
  await eventually(
    async () => {
      const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/events?${query}`);
      const times = arrayOf(at(body, 'items')).map((event) => Date.parse(String(at(event, 'lastTimestamp'))));
      return Math.max(...times) - Math.min(...times) > 35_000 ? true : undefined;
    },
    () => 'the quota refuses nothing',
    90_000,
  );
}

/** A pod that no node takes, for longer than our patience with that. */
async function untilOldPod(stage: Stage): Promise<void> {
  await untilPods(stage, 'a', (pods) => pods.some((pod) => conditionOf(pod, 'PodScheduled') === 'False'));
  await delay(61_000);
}

async function cordonAll({ sandbox, plan }: Stage, unschedulable: boolean): Promise<void> {
  for (let index = 0; index < plan.nodes; index += 1) {
    const path = `/api/v1/nodes/${nodeName(plan, index)}`;
    await sandbox.request('PATCH', path, { spec: { unschedulable } }, 'application/merge-patch+json');
  }
}

/** Somebody mends the trouble of before just when the deploy runs again. */
export async function mendTrouble(stage: Stage, signal: AbortSignal): Promise<void> {
  const { sandbox, namespace, plan, kubelet } = stage;
  if (!plan.isMended) return;
  await delay(1_000, undefined, { signal }).catch(() => undefined);
  kubelet.mend();
  const raise: JsonObject = { spec: { hard: { pods: '20' } } };
  const path = `/api/v1/namespaces/${namespace}/resourcequotas/small`;
  if (plan.trouble === 'quota') await sandbox.request('PATCH', path, raise, 'application/merge-patch+json');
  if (plan.trouble === 'no-node') await cordonAll(stage, false);
}
