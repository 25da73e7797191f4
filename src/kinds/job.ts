import { arrayOf, at, isObject, numberOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import type { Kind, ReplicaCount } from './kind.ts';

function count(live: KubernetesObject): ReplicaCount {
  const desired = numberOf(at(live, 'spec', 'completions'), 1);
  return { desired, updated: desired, ready: numberOf(at(live, 'status', 'succeeded'), 0) };
}

/** Ready: condition Complete. Failed: condition Failed, which the controller sets once and for all. */
function assess(live: KubernetesObject): Readiness {
  for (const condition of arrayOf(at(live, 'status', 'conditions'))) {
    if (!isObject(condition) || condition.status !== 'True') continue;
    if (condition.type === 'Complete') return { state: 'ready' };
    if (condition.type === 'Failed') {
      const reason = [stringOf(condition.reason), stringOf(condition.message)].filter(Boolean).join(': ');
      return { state: 'failed', certain: true, why: reason };
    }
  }
  if (at(live, 'spec', 'suspend') === true) return { state: 'ready', why: 'it is suspended' };
  const { desired, ready } = count(live);
  return { state: 'progressing', why: `${ready} of ${desired} completions` };
}

export const job: Kind = { group: 'batch', kind: 'Job', namespaced: true, wave: 4, assess, count };
