import { at, numberOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Readiness, ReplicaCount } from '../model/readiness.ts';
import type { World } from '../model/world.ts';
import { createFailures } from './create-failure.ts';
import { type Kind, notObserved, related, unready } from './kind.ts';
import { podProblems, soak } from './pods/index.ts';
import { isObserved } from './replicas.ts';

const hash = 'controller-revision-hash';

function count(live: KubernetesObject): ReplicaCount {
  return {
    desired: numberOf(at(live, 'status', 'desiredNumberScheduled'), 0),
    updated: numberOf(at(live, 'status', 'updatedNumberScheduled'), 0),
    ready: numberOf(at(live, 'status', 'numberReady'), 0),
  };
}

/** The pods of the newest ControllerRevision; its status doesn't name it. All of them where it isn't known. */
function pods(live: KubernetesObject, world: World): readonly KubernetesObject[] {
  const uid = live.metadata.uid ?? '';
  const revisions = world.ownedBy(uid, 'ControllerRevision');
  const newest = revisions.reduce<KubernetesObject | undefined>(
    (best, next) => (numberOf(next.revision, 0) > numberOf(best?.revision, -1) ? next : best),
    undefined,
  );
  const wanted = newest?.metadata.labels?.[hash];
  const own = world.ownedBy(uid, 'Pod');
  return wanted === undefined ? own : own.filter(({ metadata }) => metadata.labels?.[hash] === wanted);
}

/** Ready: this generation seen, and a pod of it available on every node that should have one, the soak over. */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const { desired, updated } = count(live);
  const available = numberOf(at(live, 'status', 'numberAvailable'), 0);
  if (!isObserved(live)) return notObserved;
  const own = pods(live, world);
  const problems = [...podProblems(own, world, moment), ...createFailures(live, world, moment)];
  const onDelete = at(live, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  if (problems.some(({ certain }) => certain)) return unready('', problems);
  if (!onDelete && updated < desired) return unready(`${updated} of ${desired} nodes updated`, problems);
  if (available < desired) return unready(`available on ${available} of ${desired} nodes`, problems);
  const soaking = soak(own, onDelete ? 0 : desired, world, moment, numberOf(at(live, 'spec', 'minReadySeconds'), 0));
  if (soaking !== undefined) return unready(soaking, problems);
  if (onDelete) return { state: 'ready', why: 'pods keep their old version until they are deleted (OnDelete)' };
  return desired === 0 ? { state: 'ready', why: 'no node matches' } : { state: 'ready' };
}

export const daemonSet: Kind = {
  group: 'apps',
  kind: 'DaemonSet',
  namespaced: true,
  wave: 4,
  restartsOnTemplateChange: true,
  related: [related.pod, related.event, related.controllerRevision],
  assess,
  pods,
  count,
};
