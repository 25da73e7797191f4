import { at } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, groupOf, type KubernetesObject, type ObjectRef, pluralOf, refKey } from '../model/object.ts';
import { formatBytes, formatCores, parseQuantity } from '../model/quantity.ts';
import { type KnownLive, type PodCounts, podCounts } from './pod-counts.ts';
import { needFor, type PodNeed, podNeed, silentContainers } from './pod-need.ts';
import { podTemplateOf, specOfPods } from './pod-template.ts';

/** A workload of a plan, and what it needs. */
export interface Demand {
  readonly manifest: Manifest;
  readonly pod: PodNeed;
  readonly counts: PodCounts;
}

/** The workloads of a namespace with what each of their pods needs, completed by these LimitRanges. */
export function demandsOf(
  declared: readonly Manifest[],
  namespace: string,
  ranges: readonly KubernetesObject[],
  known: KnownLive,
): readonly Demand[] {
  return declared
    .filter(({ ref, body }) => ref.namespace === namespace && (ref.kind === 'Pod' || podTemplateOf(body) !== undefined))
    .map((manifest) => ({
      manifest,
      pod: podNeed(specOfPods(manifest.body), ranges),
      counts: podCounts(manifest, declared, known),
    }));
}

/** What pods need of an entry of a quota, all together. Undefined for an entry that doesn't count pods. */
export function needOf(
  name: string,
  demands: readonly Demand[],
  count: (demand: Demand) => number,
): number | undefined {
  const needs = demands.map((demand) => {
    const each = needFor(name, demand.pod);
    return each === undefined ? undefined : each * count(demand);
  });
  return needs.reduce((all, need) => (all === undefined || need === undefined ? undefined : all + need), 0);
}

/** How many objects of an entry such as `count/deployments.apps` or `secrets` the plan adds. */
export function createdFor(
  name: string,
  added: readonly Manifest[],
  bookkeeping: readonly Pick<ObjectRef, 'apiVersion' | 'kind'>[],
): number {
  if (name === 'requests.storage') {
    const claims = added.filter(({ ref }) => ref.kind === 'PersistentVolumeClaim');
    const sizes = claims.map(({ body }) => parseQuantity(at(body, 'spec', 'resources', 'requests', 'storage')) ?? 0);
    return sizes.reduce((all, size) => all + size, 0);
  }
  const counted = name.replace(/^count\//, '');
  return [...added.map(({ ref }) => ref), ...bookkeeping].filter((ref) => countedAs(ref) === counted).length;
}

function countedAs({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): string {
  const group = groupOf(apiVersion);
  return group === '' ? pluralOf(kind) : `${pluralOf(kind)}.${group}`;
}

/** The workloads whose new pods a quota refuses because they don't say what it counts. */
export function silentIn(name: string, demands: readonly Demand[], { live, replaced }: KnownLive): readonly string[] {
  return demands
    .filter(({ manifest: { ref } }) => !live.has(refKey(ref)) || replaced.has(refKey(ref)))
    .flatMap(({ manifest: { ref }, pod }) => {
      const containers = silentContainers(name, pod);
      return containers.length === 0 ? [] : [`${formatRef(ref)} says no ${name} for ${containers.join(', ')}`];
    });
}

/** Whether a need is more than there is. Sums of decimal fractions are off by a hair. */
export function exceeds(need: number, free: number): boolean {
  return need - free > 1e-6;
}

/** An amount of an entry of a quota, as people write it. */
export function formatAmount(name: string, amount: number): string {
  if (/(^|\.)cpu$/.test(name)) return formatCores(amount);
  return /(^|\.)(memory|storage|ephemeral-storage)$/.test(name) ? formatBytes(amount) : String(amount);
}
