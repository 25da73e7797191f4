import { stringOf, textOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import { notObserved } from './kind.ts';
import { conditionOf, isObserved } from './replicas.ts';

/**
 * A kind without a rule of its own: its generation observed where it counts generations in status, and a condition
 * Ready or Available where it has one. Else nothing is known: "applied", said as such.
 */
export function assessOther(live: KubernetesObject): Readiness {
  const status = live.status;
  const counts = typeof status === 'object' && status !== null && 'observedGeneration' in status;
  if (counts && !isObserved(live)) return notObserved;
  const condition = conditionOf(live, 'Ready') ?? conditionOf(live, 'Available');
  if (condition === undefined) return { state: 'ready', why: 'applied; its kind says nothing of being ready' };
  if (condition.status === 'True') return { state: 'ready' };
  const message = stringOf(condition.message) ?? stringOf(condition.reason) ?? '';
  return {
    state: 'progressing',
    why: `its condition ${stringOf(condition.type) ?? ''} is ${textOf(condition.status)}: ${message}`,
  };
}
