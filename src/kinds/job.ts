import { at, numberOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Problem, Readiness, ReplicaCount } from '../model/readiness.ts';
import type { World } from '../model/world.ts';
import { createFailures } from './create-failure.ts';
import { type Kind, related, unready } from './kind.ts';
import { containersOf, logRefOf, placeOf } from './pods/containers.ts';
import { podProblems } from './pods/index.ts';
import { conditionOf, isTrue } from './replicas.ts';

function count(live: KubernetesObject): ReplicaCount {
  const desired = numberOf(at(live, 'spec', 'completions'), 1);
  return { desired, updated: desired, ready: numberOf(at(live, 'status', 'succeeded'), 0) };
}

function pods(live: KubernetesObject, world: World): readonly KubernetesObject[] {
  return world.ownedBy(live.metadata.uid ?? '', 'Pod');
}

/**
 * Ready: condition Complete. Failed: condition Failed, which the controller sets once and for all, or more failed pods
 * than backoffLimit, or pods that can't even start. How often a pod may crash is the Job's own rule.
 */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  if (isTrue(live, 'Complete')) return { state: 'ready' };
  const failed = conditionOf(live, 'Failed');
  if (failed?.status === 'True') {
    const why = [stringOf(failed.reason), stringOf(failed.message)].filter(Boolean).join(': ');
    return { state: 'failed', why, problems: [runFailed(live, world, why)] };
  }
  const failures = numberOf(at(live, 'status', 'failed'), 0);
  const limit = numberOf(at(live, 'spec', 'backoffLimit'), 6);
  if (failures > limit) {
    const why = `${failures} of its pods failed, backoffLimit is ${limit}`;
    return { state: 'failed', why, problems: [runFailed(live, world, why)] };
  }
  if (at(live, 'spec', 'suspend') === true) return { state: 'ready', why: 'it is suspended' };
  const own = podProblems(pods(live, world), world, moment).map((problem) =>
    problem.id === 'container/crash' || problem.id === 'container/oom' ? { ...problem, certain: false } : problem,
  );
  const { desired, ready } = count(live);
  return unready(`${ready} of ${desired} completions`, [...own, ...createFailures(live, world, moment)]);
}

/** The failure of a Job, with the last words of its last failed pod. */
function runFailed(live: KubernetesObject, world: World, why: string): Problem {
  const ended = pods(live, world)
    .flatMap((pod) => containersOf(pod))
    .filter((container) => container.ended !== undefined && container.ended.exitCode !== 0);
  const last = ended.at(-1);
  return {
    id: 'job/failed',
    cause: `it failed: ${why}`,
    fix: 'Read the last lines of its log, correct the cause, delete the Job and run the same command again.',
    evidence: ended.slice(-3).map((container) => `${placeOf(container)}: exit code ${container.ended?.exitCode ?? 0}`),
    certain: true,
    ...(last === undefined ? {} : { container: logRefOf(last) }),
  };
}

export const job: Kind = {
  group: 'batch',
  kind: 'Job',
  namespaced: true,
  wave: 4,
  related: [related.pod, related.event],
  assess,
  pods,
  count,
};
