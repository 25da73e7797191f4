import { at, numberOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Problem, Readiness } from '../model/readiness.ts';
import { type Kind, notObserved } from './kind.ts';
import { isObserved } from './replicas.ts';

/** Ready: its controller has seen it. A budget that allows no disruption at all holds up every node upgrade: a warning. */
function assess(live: KubernetesObject): Readiness {
  if (!isObserved(live)) return notObserved;
  const expected = numberOf(at(live, 'status', 'expectedPods'), 0);
  const allowed = numberOf(at(live, 'status', 'disruptionsAllowed'), 0);
  const healthy = numberOf(at(live, 'status', 'currentHealthy'), 0);
  // Pods that aren't healthy yet use the budget up by themselves: that passes.
  if (allowed > 0 || expected === 0 || healthy < expected) return { state: 'ready' };
  return { state: 'ready', why: 'it allows no disruption', problems: [blocksDrains(expected)] };
}

function blocksDrains(pods: number): Problem {
  return {
    id: 'pdb/blocks-drains',
    cause: 'it allows no pod to be moved: node upgrades wait for ever',
    fix: 'Use maxUnavailable: 1, or a minAvailable below the number of replicas.',
    evidence: [`disruptionsAllowed 0 with all of its ${pods} pods healthy`],
    certain: false,
  };
}

export const podDisruptionBudget: Kind = {
  group: 'policy',
  kind: 'PodDisruptionBudget',
  namespaced: true,
  wave: 5,
  assess,
};
