import { at, numberOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Problem, Readiness } from '../model/readiness.ts';
import { timeMs, type World } from '../model/world.ts';
import { type Kind, notObserved, unready } from './kind.ts';
import { conditionOf } from './replicas.ts';

/** The operator may meet a store that isn't ready yet, and tries again. */
const patienceMs = 30_000;

/**
 * Ready: condition Ready, as the External Secrets Operator sets it once the Secret is written, and of the newest
 * generation as far as the operator tells it.
 */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const ready = conditionOf(live, 'Ready');
  if (ready?.status === 'True') return isOfBefore(live) ? notObserved : { state: 'ready' };
  if (ready?.status !== 'False') return { state: 'progressing', why: 'not synchronized yet' };
  const sinceMs = Math.max(timeMs(ready.lastTransitionTime) ?? world.nowMs, moment.sinceMs);
  return unready('not synchronized', [notSynced(ready.message, ready.reason, world.nowMs - sinceMs >= patienceMs)]);
}

/** The generation that the operator has seen to: it writes `<generation>-<hash>` into its status with each sync. */
export function syncedGeneration(live: KubernetesObject): number | undefined {
  const synced = /^(\d+)-/.exec(stringOf(at(live, 'status', 'syncedResourceVersion')) ?? '')?.[1];
  return synced === undefined ? undefined : Number(synced);
}

/** With refreshPolicy CreatedOnce, or refreshInterval 0, the operator never reads again: a change of those changes nothing. */
function isOfBefore(live: KubernetesObject): boolean {
  const synced = syncedGeneration(live);
  if (synced === undefined || at(live, 'spec', 'refreshPolicy') === 'CreatedOnce') return false;
  const isNeverRead = /^(0[a-zµ]*)+$/.test(stringOf(at(live, 'spec', 'refreshInterval')) ?? '1h');
  const isPeriodic = (at(live, 'spec', 'refreshPolicy') ?? 'Periodic') === 'Periodic';
  return !(isPeriodic && isNeverRead) && synced < numberOf(live.metadata.generation, 0);
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
