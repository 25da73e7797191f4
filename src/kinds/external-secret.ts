import { stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Problem, Readiness } from '../model/readiness.ts';
import { timeMs, type World } from '../model/world.ts';
import { type Kind, unready } from './kind.ts';
import { conditionOf } from './replicas.ts';

/** The operator may meet a store that isn't ready yet, and tries again. */
const patienceMs = 30_000;

/** Ready: condition Ready, as the External Secrets Operator sets it once the Secret is written. */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const ready = conditionOf(live, 'Ready');
  if (ready?.status === 'True') return { state: 'ready' };
  if (ready?.status !== 'False') return { state: 'progressing', why: 'not synchronized yet' };
  const sinceMs = Math.max(timeMs(ready.lastTransitionTime) ?? world.nowMs, moment.sinceMs);
  return unready('not synchronized', [notSynced(ready.message, ready.reason, world.nowMs - sinceMs >= patienceMs)]);
}

function notSynced(message: unknown, reason: unknown, certain: boolean): Problem {
  return {
    id: 'external-secret/sync',
    cause: `its secret can't be read: ${stringOf(message) ?? ''}`,
    fix: "Check the name in the store, and the role of the operator's ServiceAccount.",
    evidence: [`condition Ready: False, ${stringOf(reason) ?? ''}: ${stringOf(message) ?? ''}`],
    certain,
  };
}

export const externalSecret: Kind = {
  group: 'external-secrets.io',
  kind: 'ExternalSecret',
  namespaced: true,
  wave: 2,
  assess,
};
