import type { TestContext } from 'node:test';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { deploy } from '../../../src/deploy/deploy.ts';
import { DeployError, messageOf } from '../../../src/errors.ts';
import type { DeployEvent, Host } from '../../../src/events.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { formatRef } from '../../../src/model/object.ts';
import { carryOutDefaults } from '../carry-out.ts';
import { makeFolder } from '../cli.ts';
import type { TestSandbox } from '../sandbox.ts';
import { silentHost } from '../silent-host.ts';
import { kubeconfigTarget, plainSurroundings } from '../target.ts';
import { bareConfig } from '../workloads.ts';
import { disturb, nodeName, type Stage } from './disturb.ts';
import { createEventWriter } from './event-writer.ts';
import { startKubelet } from './kubelet.ts';
import { manifestsOf, nodeLabel, nodeObject } from './objects.ts';
import { makePast, mendTrouble, type Run } from './past.ts';
import type { RolloutPlan } from './plan.ts';
import { type Random, randomOf } from './random.ts';
import { behaviors } from './scripts.ts';
import type { Step } from './steps.ts';

/** How a rollout ended, and what happened until then. */
export interface Outcome {
  /** Undefined where all became ready. */
  readonly error: DeployError | undefined;
  /** Certain failures that were shown while the wait went on. */
  readonly alarms: readonly string[];
  readonly warnings: readonly string[];
  readonly disturbances: number;
  /** See Kubelet. */
  readonly lateMs: number;
  /** What the program said, and what was done to the rollout, in order. */
  readonly story: readonly string[];
}

const timeoutMs = 150_000;

/** Deploys a plan into a namespace and onto nodes of its own while the plan's disturbances happen. */
export async function runRollout(
  plan: RolloutPlan,
  sandbox: TestSandbox,
  cluster: Cluster,
  t: TestContext,
): Promise<Outcome> {
  const ending = new AbortController();
  const namespace = await sandbox.createNamespace(`rollout-${plan.number}`, t);
  const nodes = Array.from({ length: plan.nodes }, (_, index) => nodeName(plan, index));
  await Promise.all(nodes.map((name) => sandbox.request('POST', '/api/v1/nodes', nodeObject(name, plan))));
  const writeEvent = createEventWriter(sandbox, namespace);
  const kubelet = startKubelet(
    { sandbox, cluster, namespace, writeEvent, drainMs: plan.drainMs, scriptOf: scripter(plan) },
    ending.signal,
  );
  const stage = { plan, sandbox, namespace, kubelet, writeEvent };
  try {
    const folder = await makeFolder(t, filesOf(plan));
    const run = (host: Host, signal: AbortSignal) => runUp(stage, folder, host, signal);
    await makePast(stage, run);
    return { ...(await observe(stage, run)), lateMs: kubelet.lateMs() };
  } finally {
    ending.abort();
    await kubelet.ended;
    await clear(stage);
  }
}

/** What `oms-deploy up --yes` does, in this process. */
async function runUp(
  { sandbox, plan, namespace }: Stage,
  cwd: string,
  host: Host,
  signal: AbortSignal,
): ReturnType<Run> {
  const request = {
    ...carryOutDefaults,
    config: await loadConfig({ cwd }),
    namespace,
    addons: [],
    resolve: { ...plainSurroundings(cwd), set: [] },
    target: kubeconfigTarget(sandbox.kubeconfig, cwd),
    forceConflicts: false,
    timeoutMs,
    soakMs: plan.soakMs,
  };
  return deploy(request, host, signal);
}

function filesOf(plan: RolloutPlan): Readonly<Record<string, string>> {
  const documents = manifestsOf(plan).map((object) => JSON.stringify(object, undefined, 2));
  return { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents.join('\n---\n') };
}

/** The first pods of a workload behave as planned, most of them; those that replace them have it easier. */
function scripter(plan: RolloutPlan) {
  const seen = new Map<string, number>();
  return (pod: KubernetesObject) => {
    const name = pod.metadata.labels?.['app'] ?? '';
    const workload = plan.workloads.find((one) => one.name === name);
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    const random = randomOf(`${plan.seed}/${plan.number}/${name}/${nth}`);
    const planned = workload !== undefined && 'script' in workload.pods ? workload.pods.script : 'steady';
    const isOne = nth === 0 || random.chance(nth < (workload?.replicas ?? 0) ? 0.6 : 0.2);
    const steps: readonly Step[] = behaviors[isOne ? planned : 'steady'].script(random);
    return workload?.kind === 'Job' ? toItsEnd(steps, random) : steps;
  };
}

/** A pod of a Job does its work in the end. A container that ends with 0 has done it, and is not started again. */
function toItsEnd(steps: readonly Step[], random: Random): readonly Step[] {
  const failing = steps.map((step) => (step.do === 'end' && step.exitCode === 0 ? { ...step, exitCode: 1 } : step));
  return [...failing, { afterMs: random.between(300, 2_000), do: 'complete' }];
}

/** Runs the deploy to its end, with the disturbances from the begin of its wait on. */
async function observe(stage: Stage, run: Run): Promise<Omit<Outcome, 'lateMs'>> {
  const startedMs = Date.now();
  const story: string[] = [];
  const alarms: string[] = [];
  const over = new AbortController();
  let disturbances = 0;
  let disturbing: Promise<unknown> | undefined;
  const tell = (text: string): void => void story.push(`${Date.now() - startedMs} ms  ${text}`);
  const host: Host = {
    ...silentHost,
    emit(event) {
      const text = describeEvent(event);
      if (text !== undefined) tell(text);
      if (event.type === 'failing') alarms.push(text ?? '');
      const isWaiting = event.type === 'progress' || event.type === 'ready' || event.type === 'failing';
      if (!isWaiting || disturbing !== undefined) return;
      const told = (what: string): void => {
        disturbances += 1;
        tell(`* ${what}`);
      };
      disturbing = Promise.all([disturb(stage, told, over.signal), mendTrouble(stage, over.signal)]);
    },
  };
  const end = async (): Promise<void> => {
    over.abort();
    await disturbing;
  };
  try {
    const { warnings } = await run(host, over.signal);
    await end();
    return { error: undefined, alarms, warnings: warnings.map(({ cause }) => cause), disturbances, story };
  } catch (error) {
    await end();
    if (!(error instanceof DeployError)) throw error;
    tell(messageOf(error));
    return { error, alarms, warnings: [], disturbances, story };
  }
}

function describeEvent(event: DeployEvent): string | undefined {
  if (event.type === 'applied') return `applied ${formatRef(event.object)}`;
  if (event.type === 'ready') return `ready ${formatRef(event.object)} ${event.detail}`;
  if (event.type === 'step') return event.message;
  if (event.type !== 'progress' && event.type !== 'failing') return undefined;
  return `${event.type} ${formatRef(event.object)}: ${event.why}`;
}

/** Its nodes and pods go at once: those of a hundred rollouts would slow down the others. */
async function clear({ sandbox, namespace, plan }: Stage): Promise<void> {
  await sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`);
  await sandbox.request('DELETE', `/api/v1/namespaces/${namespace}/pods?gracePeriodSeconds=0`);
  const own = encodeURIComponent(`${nodeLabel}=${plan.number}`);
  await sandbox.request('DELETE', `/api/v1/nodes?labelSelector=${own}`);
}
