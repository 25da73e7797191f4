import { arrayOf, at, isObject, numberOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import { type Kind, notObserved } from './kind.ts';
import { countReplicas, isObserved } from './replicas.ts';

/**
 * Ready: the controller has seen this generation, and updated = all = available = desired.
 * Failed: the rollout's progress deadline passed for this generation (kubernetes#49637: a stale condition says nothing).
 */
function assess(live: KubernetesObject): Readiness {
  const { desired, updated, ready } = countReplicas(live);
  const total = numberOf(at(live, 'status', 'replicas'), 0);
  const available = numberOf(at(live, 'status', 'availableReplicas'), 0);
  if (at(live, 'spec', 'paused') === true) return { state: 'ready', why: 'its rollout is paused' };
  if (!isObserved(live)) return notObserved;
  const progressing = arrayOf(at(live, 'status', 'conditions')).find(
    (condition) => isObject(condition) && condition.type === 'Progressing',
  );
  if (isObject(progressing) && progressing.reason === 'ProgressDeadlineExceeded') {
    const seconds = numberOf(at(live, 'spec', 'progressDeadlineSeconds'), 600);
    return {
      state: 'failed',
      certain: true,
      why: `no progress in ${seconds} s (progressDeadlineSeconds): ${stringOf(progressing.message) ?? ''}`,
    };
  }
  if (updated < desired) return { state: 'progressing', why: `${updated} of ${desired} pods updated` };
  if (total > updated) return { state: 'progressing', why: `${total - updated} old pods to end` };
  if (ready < desired) return { state: 'progressing', why: `${ready} of ${desired} pods ready` };
  if (available < desired)
    return { state: 'progressing', why: `${desired - available} pods to stay ready for minReadySeconds` };
  return { state: 'ready' };
}

export const deployment: Kind = {
  group: 'apps',
  kind: 'Deployment',
  namespaced: true,
  wave: 4,
  restartsOnTemplateChange: true,
  assess,
  count: countReplicas,
};
