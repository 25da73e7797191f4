import { isDeepStrictEqual } from 'node:util';
import { countOf } from '../model/age.ts';
import { at, numberOf, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Problem, Readiness } from '../model/readiness.ts';
import { timeMs, type World } from '../model/world.ts';
import { createFailures } from './create-failure.ts';
import { type Kind, notObserved, related, unready } from './kind.ts';
import { countLost, podProblems, soak } from './pods/index.ts';
import { conditionOf, countReplicas, isObserved } from './replicas.ts';

const revision = 'deployment.kubernetes.io/revision';

/** The ReplicaSet of the newest revision, once the controller has made it. */
function newReplicaSetOf(live: KubernetesObject, world: World): KubernetesObject | undefined {
  const wanted = live.metadata.annotations?.[revision];
  if (wanted === undefined) return undefined;
  const found = world
    .ownedBy(live.metadata.uid ?? '', 'ReplicaSet')
    .find(({ metadata }) => metadata.annotations?.[revision] === wanted);
  // With Recreate the controller reports the new generation while the old pods still end: the newest ReplicaSet, and the
  // revision in the annotation, are the old ones until then.
  const isRecreate = at(live, 'spec', 'strategy', 'type') === 'Recreate';
  return found !== undefined && isRecreate && !hasTemplateOf(found, live) ? undefined : found;
}

/** Whether a ReplicaSet has the Deployment's pod template. The controller adds its hash as a label. */
function hasTemplateOf(replicaSet: KubernetesObject, live: KubernetesObject): boolean {
  const [own, wanted] = [replicaSet, live].map((object) => {
    const template = objectOf(at(object, 'spec', 'template'));
    const metadata = objectOf(template.metadata);
    const { 'pod-template-hash': _, ...labels } = objectOf(metadata.labels);
    return { ...template, metadata: { ...metadata, labels } };
  });
  return isDeepStrictEqual(own, wanted);
}

/** The pods of the newest revision: those of older ones say nothing of this deploy. */
function pods(live: KubernetesObject, world: World): readonly KubernetesObject[] {
  const replicaSet = newReplicaSetOf(live, world);
  return replicaSet === undefined ? [] : world.ownedBy(replicaSet.metadata.uid ?? '', 'Pod');
}

/** Whether its controller leaves the pods as they are, whatever changes. */
export function isPaused(live: KubernetesObject): boolean {
  return at(live, 'spec', 'paused') === true;
}

/** Nobody waits for what somebody has stopped on purpose; but whoever deploys must know that nothing moves. */
function paused({ metadata: { name = '' } }: KubernetesObject): Problem {
  return {
    id: 'pods/paused',
    cause: 'its rollout is paused: what changes of it starts no pods',
    fix: `Let it go on: oms-deploy rollout resume ${name}.`,
    evidence: [],
    certain: false,
  };
}

/**
 * Ready: the controller has seen this generation, updated = all = available = desired, the rollout is complete, and the
 * soak is over. Failed: a certain problem of the newest revision, or its progress deadline passed since the apply
 * (kubernetes#49637: the condition of an older rollout stays for a while).
 */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const { desired, updated, ready } = countReplicas(live);
  if (isPaused(live)) return { state: 'ready', why: 'its rollout is paused', problems: [paused(live)] };
  if (!isObserved(live)) return notObserved;
  const own = pods(live, world);
  const replicaSet = newReplicaSetOf(live, world);
  const problems = [
    ...podProblems(own, world, moment),
    ...(replicaSet === undefined ? [] : createFailures(replicaSet, world, moment)),
  ];
  const total = numberOf(at(live, 'status', 'replicas'), 0);
  const available = numberOf(at(live, 'status', 'availableReplicas'), 0);
  const because = withLosses(own);
  if (problems.some(({ certain }) => certain)) return unready('', problems);
  const deadline = missedDeadline(live, moment, problems);
  if (deadline !== undefined) return deadline;
  if (updated < desired) return unready(because(`${updated} of ${desired} pods updated`), problems);
  if (total > updated) return unready(because(`${countOf(total - updated, 'old pod')} to end`), problems);
  if (ready < desired) return unready(because(`${ready} of ${desired} pods ready`), problems);
  if (available < desired)
    return unready(`${countOf(desired - available, 'pod')} to stay ready for minReadySeconds`, []);
  if (!isComplete(live)) return unready('the controller has not called the rollout complete yet', problems);
  const soaking = soak(own, desired, world, moment, numberOf(at(live, 'spec', 'minReadySeconds'), 0));
  if (soaking !== undefined) return unready(soaking, problems);
  return desired === 0 ? { state: 'ready', why: 'zero replicas, as asked' } : { state: 'ready' };
}

function withLosses(pods: readonly KubernetesObject[]): (why: string) => string {
  const lost = countLost(pods);
  return (why) => (lost === 0 ? why : `${why} (${countOf(lost, 'pod')} lost to their nodes)`);
}

/** Without a progress deadline there is no such condition. */
function isComplete(live: KubernetesObject): boolean {
  const progressing = conditionOf(live, 'Progressing');
  if (progressing === undefined || countReplicas(live).desired === 0) return true;
  // A deadline that was missed before everything became ready after all leaves the reason for a moment.
  return progressing.reason !== 'ReplicaSetUpdated' && progressing.reason !== 'ProgressDeadlineExceeded';
}

function missedDeadline(live: KubernetesObject, moment: Moment, problems: readonly Problem[]): Readiness | undefined {
  const progressing = conditionOf(live, 'Progressing');
  if (progressing?.reason !== 'ProgressDeadlineExceeded') return undefined;
  const changedMs = timeMs(progressing.lastUpdateTime) ?? timeMs(progressing.lastTransitionTime) ?? 0;
  // The API's times are cut to whole seconds.
  if (changedMs < Math.floor(moment.sinceMs / 1000) * 1000) return undefined;
  const seconds = numberOf(at(live, 'spec', 'progressDeadlineSeconds'), 600);
  const why = `no progress in ${seconds} s (progressDeadlineSeconds)`;
  const deadline: Problem = {
    id: 'rollout/deadline',
    cause: why,
    fix: 'See what its pods say: oms-deploy logs, oms-deploy doctor.',
    evidence: [`condition Progressing: ProgressDeadlineExceeded: ${stringOf(progressing.message) ?? ''}`],
    certain: true,
  };
  return {
    state: 'failed',
    why: problems[0] === undefined ? why : `${why}: ${problems[0].cause}`,
    // What keeps the pods from getting ready is the cause; the deadline alone says only that something does.
    problems: problems.length === 0 ? [deadline] : problems.map((problem) => ({ ...problem, certain: true })),
  };
}

export const deployment: Kind = {
  group: 'apps',
  kind: 'Deployment',
  namespaced: true,
  wave: 4,
  restartsOnTemplateChange: true,
  related: [related.replicaSet, related.pod, related.event],
  assess,
  pods,
  count: countReplicas,
};
