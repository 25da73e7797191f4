import { arrayOf, at, isObject, stringOf } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Moment, Problem } from '../../model/readiness.ts';
import { timeMs, type World } from '../../model/world.ts';
import { isTrue } from '../replicas.ts';
import { configSignals } from './config.ts';
import { containersOf } from './containers.ts';
import { crashSignals } from './crash.ts';
import { imageSignals } from './image.ts';
import { schedulingSignals, setupSignals } from './placement.ts';
import { gateSignals, probeSignals } from './probes.ts';
import { judge, type Signal } from './signal.ts';
import { startSignals } from './start.ts';

/** All that the cluster says of one pod, good or not yet: what is remembered, and what is judged. */
export function podSignals(pod: KubernetesObject, world: World, moment: Moment): readonly Signal[] {
  return [
    ...schedulingSignals(pod, world, moment),
    ...setupSignals(pod, world),
    ...containersOf(pod).flatMap((container) => [
      ...imageSignals(container, world, moment),
      ...configSignals(container),
      ...startSignals(container),
      ...crashSignals(container, world, moment),
      ...probeSignals(container, world),
    ]),
    ...gateSignals(pod),
  ];
}

/** What is wrong with these pods, certain or not. Pods that are being deleted have no say. */
export function podProblems(pods: readonly KubernetesObject[], world: World, moment: Moment): readonly Problem[] {
  return pods
    .filter(isAlive)
    .flatMap((pod) => podSignals(pod, world, moment))
    .flatMap((signal) => judge(signal, moment, world.nowMs) ?? []);
}

/** True for a pod that is neither being deleted nor over. */
export function isAlive(pod: KubernetesObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && at(pod, 'status', 'phase') !== 'Failed';
}

const lossReasons: ReadonlySet<string> = new Set([
  'Evicted',
  'Preempting',
  'NodeLost',
  'NodeShutdown',
  'Terminated',
  'NodeAffinity',
  'DeletionByTaintManager',
  'PreemptionByScheduler',
  'TerminationByKubelet',
  'EvictionByEvictionAPI',
]);

/** How many pods were lost to their node (evicted, preempted, node gone): counted, and no failure of the deploy. */
export function countLost(pods: readonly KubernetesObject[]): number {
  return pods.filter((pod) => {
    const disruption = arrayOf(at(pod, 'status', 'conditions'))
      .filter(isObject)
      .find(({ type, status }) => type === 'DisruptionTarget' && status === 'True');
    const reasons = [at(pod, 'status', 'reason'), disruption?.reason].map((reason) => stringOf(reason) ?? '');
    return reasons.some((reason) => lossReasons.has(reason));
  }).length;
}

/** How long a container that nothing probes must run before it counts as ready: a crash at start shows within it. */
const defaultSoakMs = 10_000;

/**
 * What pods that are ready must still stand: containers without a readiness probe run for 10 s first (a program that
 * dies after five seconds was "ready" the moment it began), or all for `soakMs`. A restart begins it anew. `expected`
 * pods must be there to be looked at: a workload's status and its pods come by watches of their own, in any order.
 * Undefined when it is over.
 */
export function soak(
  pods: readonly KubernetesObject[],
  expected: number,
  world: World,
  moment: Moment,
  minReadySeconds: number,
): string | undefined {
  if (moment.soakMs === undefined && minReadySeconds > 0) return undefined;
  const soakMs = moment.soakMs ?? defaultSoakMs;
  const alive = pods.filter(isAlive);
  const seen = alive.filter((pod) => isTrue(pod, 'Ready')).length;
  if (soakMs > 0 && seen < expected && world.isKnown('Pod')) return `${seen} of ${expected} ready pods seen`;
  const since = alive.flatMap((pod) => soakStarts(pod, moment.soakMs !== undefined));
  const left = Math.max(0, ...since.map((ms) => ms + soakMs - world.nowMs));
  return left > 0 ? `to run ${soakMs / 1000} s without a restart` : undefined;
}

/** Since when the containers of a pod that are to be watched are as they are. */
function soakStarts(pod: KubernetesObject, all: boolean): readonly number[] {
  const watched = containersOf(pod).filter(
    ({ kind, spec }) => kind === 'container' && (all || !isObject(spec.readinessProbe)),
  );
  const readyMs = arrayOf(at(pod, 'status', 'conditions'))
    .filter(isObject)
    .filter(({ type }) => all && type === 'Ready')
    .map(({ lastTransitionTime }) => timeMs(lastTransitionTime) ?? 0);
  return [...readyMs, ...watched.map(({ runningSinceMs }) => runningSinceMs ?? Number.POSITIVE_INFINITY)];
}
