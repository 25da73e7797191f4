import { podTemplateOf } from '../manifests/pod-template.ts';
import { at, objectOf, textOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, groupOf, type KubernetesObject, type ObjectRef, pluralOf, refKey } from '../model/object.ts';
import type { World } from '../model/world.ts';
import { matchesSelector } from './checks/selectors.ts';
import { podSpecOf } from './checks/templates.ts';
import type { Ahead, Facts } from './facts.ts';
import { type PodCounts, podCounts } from './pod-counts.ts';
import { needFor, type PodNeed, podNeed, silentContainers } from './pod-need.ts';
import { formatBytes, formatCores, parseQuantity } from './usage.ts';

/** What a quota lacks for a plan, a line for each of its entries. */
export interface Shortage {
  /** It has no room even for the pods that the plan begins with, or for its objects. */
  readonly now: readonly string[];
  /** It has no room at the maximum of the HPAs, with the surge of rollouts. */
  readonly later: readonly string[];
  /** Pods that it refuses because they don't say what they need. */
  readonly silent: readonly string[];
}

/** A workload of a plan, and what it needs. */
interface Demand {
  readonly manifest: Manifest;
  readonly pod: PodNeed;
  readonly counts: PodCounts;
}

/**
 * Compares a quota with a plan. What the application's own pods use now is the plan's already. A quota with a scope counts
 * only some pods: those are for the API server to tell apart, and nothing is said of it.
 */
export function shortageOf(quota: KubernetesObject, facts: Facts, ahead: Ahead): Shortage {
  const { spec, status } = quota;
  if (at(spec, 'scopes') !== undefined || at(spec, 'scopeSelector') !== undefined)
    return { now: [], later: [], silent: [] };
  const demands = demandsOf(facts, ahead);
  const own = ownPods(facts, ahead);
  const entries = Object.entries(objectOf(at(spec, 'hard'))).map(([name, text]) => {
    const ours = own.reduce((all, pod) => all + (needFor(name, pod) ?? 0), 0);
    // A quota that is new knows nothing yet of what there is.
    const used = parseQuantity(at(status, 'used', name)) ?? ours;
    const free = (parseQuantity(text) ?? 0) - (used - ours);
    const first = needOf(name, demands, ({ counts }) => counts.first) ?? createdFor(name, facts, ahead);
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

/** Sums of decimal fractions are off by a hair. */
function exceeds(need: number, free: number): boolean {
  return need - free > 1e-6;
}

function demandsOf({ declared, namespace, world }: Facts, ahead: Ahead): readonly Demand[] {
  const ranges = world.list('LimitRange').filter(({ metadata }) => metadata.namespace === namespace);
  return declared
    .filter(({ ref, body }) => ref.namespace === namespace && (ref.kind === 'Pod' || podTemplateOf(body) !== undefined))
    .map((manifest) => ({
      manifest,
      pod: podNeed(podSpecOf(manifest.body), ranges),
      counts: podCounts(manifest, declared, ahead),
    }));
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

/** Undefined for an entry that doesn't count pods. */
function needOf(name: string, demands: readonly Demand[], count: (demand: Demand) => number): number | undefined {
  const needs = demands.map((demand) => {
    const each = needFor(name, demand.pod);
    return each === undefined ? undefined : each * count(demand);
  });
  return needs.reduce((all, need) => (all === undefined || need === undefined ? undefined : all + need), 0);
}

/** How many objects of an entry such as `count/deployments.apps` or `secrets` the plan adds. */
function createdFor(name: string, { declared, namespace }: Facts, ahead: Ahead): number {
  const added = declared.filter(({ ref }) => ref.namespace === namespace && !ahead.live.has(refKey(ref)));
  if (name === 'requests.storage') {
    const claims = added.filter(({ ref }) => ref.kind === 'PersistentVolumeClaim');
    const sizes = claims.map(({ body }) => parseQuantity(at(body, 'spec', 'resources', 'requests', 'storage')) ?? 0);
    return sizes.reduce((all, size) => all + size, 0);
  }
  const counted = name.replace(/^count\//, '');
  return [...added.map(({ ref }) => ref), ...ahead.bookkeeping].filter((ref) => countedAs(ref) === counted).length;
}

function countedAs({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): string {
  const group = groupOf(apiVersion);
  return group === '' ? pluralOf(kind) : `${pluralOf(kind)}.${group}`;
}

function silentIn(name: string, demands: readonly Demand[], { live, replaced }: Ahead): readonly string[] {
  return demands
    .filter(({ manifest: { ref } }) => !live.has(refKey(ref)) || replaced.has(refKey(ref)))
    .flatMap(({ manifest: { ref }, pod }) => {
      const containers = silentContainers(name, pod);
      return containers.length === 0 ? [] : [`${formatRef(ref)} says no ${name} for ${containers.join(', ')}`];
    });
}

function formatAmount(name: string, amount: number): string {
  if (/(^|\.)cpu$/.test(name)) return formatCores(amount);
  return /(^|\.)(memory|storage|ephemeral-storage)$/.test(name) ? formatBytes(amount) : String(amount);
}
