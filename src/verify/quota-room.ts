import { needFor, type PodNeed, podNeed } from '../manifests/pod-need.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import { createdFor, demandsOf, exceeds, formatAmount, needOf, silentIn } from '../manifests/quota-demand.ts';
import { at, objectOf, textOf } from '../model/json.ts';
import { type KubernetesObject, refKey } from '../model/object.ts';
import { parseQuantity } from '../model/quantity.ts';
import { matchesSelector } from '../model/selector.ts';
import type { World } from '../model/world.ts';
import type { Ahead, Facts } from './facts.ts';

/** What a quota lacks for a plan, a line for each of its entries. */
export interface Shortage {
  /** It has no room even for the pods that the plan begins with, or for its objects. */
  readonly now: readonly string[];
  /** It has no room at the maximum of the HPAs, with the surge of rollouts. */
  readonly later: readonly string[];
  /** Pods that it refuses because they don't say what they need. */
  readonly silent: readonly string[];
}

/**
 * Compares a quota with a plan. What the application's own pods use now is the plan's already. A quota with a scope counts
 * only some pods: those are for the API server to tell apart, and nothing is said of it.
 */
export function shortageOf(quota: KubernetesObject, facts: Facts, ahead: Ahead): Shortage {
  const { spec, status } = quota;
  if (at(spec, 'scopes') !== undefined || at(spec, 'scopeSelector') !== undefined)
    return { now: [], later: [], silent: [] };
  const { declared, namespace, world } = facts;
  const ranges = world.list('LimitRange').filter(({ metadata }) => metadata.namespace === namespace);
  const demands = demandsOf(declared, namespace, ranges, ahead);
  const added = declared.filter(({ ref }) => ref.namespace === namespace && !ahead.live.has(refKey(ref)));
  const own = ownPods(facts, ahead);
  const entries = Object.entries(objectOf(at(spec, 'hard'))).map(([name, text]) => {
    const ours = own.reduce((all, pod) => all + (needFor(name, pod) ?? 0), 0);
    // A quota that is new knows nothing yet of what there is.
    const used = parseQuantity(at(status, 'used', name)) ?? ours;
    const free = (parseQuantity(text) ?? 0) - (used - ours);
    const first = needOf(name, demands, ({ counts }) => counts.first) ?? createdFor(name, added, ahead.bookkeeping);
    const most = needOf(name, demands, ({ counts }) => counts.most) ?? first;
    const line = (need: number): string => {
      const show = (amount: number): string => formatAmount(name, amount);
      return `${name}: needs ${show(need)}, and has ${show(Math.max(0, free))} of ${textOf(text)}`;
    };
    return { name, now: exceeds(first, free) ? line(first) : '', later: exceeds(most, free) ? line(most) : '' };
  });
  return {
    now: entries.flatMap(({ now }) => (now === '' ? [] : [now])),
    later: entries.flatMap(({ now, later }) => (now === '' && later !== '' ? [later] : [])),
    silent: entries.flatMap(({ name }) => silentIn(name, demands, ahead)),
  };
}

/** What the pods of the plan's workloads count that are there now. */
function ownPods({ declared, namespace, world }: Facts, { live }: Ahead): readonly PodNeed[] {
  const workloads = declared.flatMap(({ ref }) => live.get(refKey(ref)) ?? []);
  return living(world, namespace)
    .filter((pod) => workloads.some((workload) => isOf(pod, workload)))
    .map(({ spec }) => podNeed(objectOf(spec), []));
}

/** Pods that have ended count no more. */
function living(world: World, namespace: string): readonly KubernetesObject[] {
  return world
    .list('Pod')
    .filter(({ metadata }) => metadata.namespace === namespace)
    .filter(({ status }) => !['Succeeded', 'Failed'].includes(textOf(at(status, 'phase'))));
}

function isOf(pod: KubernetesObject, workload: KubernetesObject): boolean {
  if (workload.kind === 'Pod') return workload.metadata.name === pod.metadata.name;
  const selector = at(workload, 'spec', 'selector');
  return (
    podTemplateOf(workload) !== undefined && selector !== undefined && matchesSelector(selector, pod.metadata.labels)
  );
}
