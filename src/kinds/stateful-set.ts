import { at, numberOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Readiness } from '../model/readiness.ts';
import type { World } from '../model/world.ts';
import { createFailures } from './create-failure.ts';
import { type Kind, notObserved, related, unready } from './kind.ts';
import { podProblems, soak } from './pods/index.ts';
import { countReplicas, isObserved } from './replicas.ts';

/** The pods of the update revision; all of them where nothing is updated by itself (OnDelete). */
function pods(live: KubernetesObject, world: World): readonly KubernetesObject[] {
  const own = world.ownedBy(live.metadata.uid ?? '', 'Pod');
  const revision = stringOf(at(live, 'status', 'updateRevision'));
  if (revision === undefined || isOnDelete(live)) return own;
  return own.filter(({ metadata }) => metadata.labels?.['controller-revision-hash'] === revision);
}

function isOnDelete(live: KubernetesObject): boolean {
  return at(live, 'spec', 'updateStrategy', 'type') === 'OnDelete';
}

/**
 * Ready: this generation seen, all pods above the partition updated, all ready and available, the soak over. OnDelete
 * updates nothing by itself. Failed: a certain problem of the newest revision.
 */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const { desired, updated, ready } = countReplicas(live);
  if (!isObserved(live)) return notObserved;
  const own = pods(live, world);
  const problems = [...podProblems(own, world, moment), ...createFailures(live, world, moment)];
  const onDelete = isOnDelete(live);
  const partition = numberOf(at(live, 'spec', 'updateStrategy', 'rollingUpdate', 'partition'), 0);
  const toUpdate = onDelete ? 0 : Math.max(0, desired - partition);
  const available = numberOf(at(live, 'status', 'availableReplicas'), ready);
  const minReadySeconds = numberOf(at(live, 'spec', 'minReadySeconds'), 0);
  if (problems.some(({ certain }) => certain)) return unready('', problems);
  if (updated < toUpdate) return unready(`${updated} of ${toUpdate} pods updated`, problems);
  if (ready < desired) return unready(`${ready} of ${desired} pods ready`, problems);
  if (minReadySeconds > 0 && available < desired) {
    return unready(`${desired - available} of ${desired} pods to stay ready for minReadySeconds`, problems);
  }
  const soaking = soak(own, onDelete ? desired : toUpdate, world, moment, minReadySeconds);
  if (soaking !== undefined) return unready(soaking, problems);
  if (onDelete) return { state: 'ready', why: 'pods keep their old version until they are deleted (OnDelete)' };
  return desired === 0 ? { state: 'ready', why: 'zero replicas, as asked' } : { state: 'ready' };
}

export const statefulSet: Kind = {
  group: 'apps',
  kind: 'StatefulSet',
  namespaced: true,
  wave: 4,
  restartsOnTemplateChange: true,
  related: [related.pod, related.event],
  assess,
  pods,
  count: countReplicas,
};
