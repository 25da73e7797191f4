import type { JsonObject } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { byteQuantity, coreQuantity, parseQuantity } from '../../model/quantity.ts';
import { leastPods, nothingThere } from '../pod-counts.ts';
import { podNeed } from '../pod-need.ts';
import { podTemplateOf, specOfPods } from '../pod-template.ts';
import { demandsOf, needOf } from '../quota-demand.ts';
import type { Application } from './application.ts';

/** What a container is limited to that says no limit, where it doesn't request more. */
const usualLimits = { cpu: '500m', memory: '512Mi' } as const;

/** What the quota counts, as a ResourceQuota names it. */
const counted = ['pods', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'] as const;

/** From this share on a quota is called nearly used. */
const nearly = 0.9;

/**
 * How large a ResourceQuota must be: for all workloads at the maximum of their HPAs, while their pods are replaced. Beside it
 * the limits that a LimitRange gives to containers without one: never below what any of them requests, or the API server
 * would refuse its pods. `alwaysUsed` is a pattern for what is nearly used up as long as all of them run at their minimum.
 */
export function quotaFor({ manifests, limitRanges, namespace }: Application): JsonObject {
  const ranges = limitRanges.map(({ body }) => body);
  const ours = manifests.filter(({ ref, body }) => ref.namespace === namespace && podTemplateOf(body) !== undefined);
  const limits = {
    cpu: coreQuantity(limitFor('cpu', ours, ranges)),
    memory: byteQuantity(limitFor('memory', ours, ranges)),
  };
  const demands = demandsOf(manifests, namespace, [...ranges, rangeOf(limits)], nothingThere);
  const amount = (name: string): number => needOf(name, demands, ({ counts }) => counts.most) ?? 0;
  const atLeast = (name: string): number =>
    needOf(name, demands, ({ manifest, counts }) =>
      isScaled(manifest) ? leastPods(manifest.body, manifests) : counts.first,
    ) ?? 0;
  const alwaysUsed = counted.filter((name) => amount(name) > 0 && atLeast(name) >= nearly * amount(name));
  return {
    pods: String(amount('pods')),
    requests: { cpu: coreQuantity(amount('requests.cpu')), memory: byteQuantity(amount('requests.memory')) },
    limits: { cpu: coreQuantity(amount('limits.cpu')), memory: byteQuantity(amount('limits.memory')) },
    default: limits,
    alwaysUsed: alwaysUsed.map((name) => name.replaceAll('.', '[.]')).join('|'),
  };
}

function isScaled({ ref }: Manifest): boolean {
  return ['Deployment', 'StatefulSet', 'ReplicaSet'].includes(ref.kind);
}

/** In cores, or bytes. */
function limitFor(
  resource: keyof typeof usualLimits,
  workloads: readonly Manifest[],
  ranges: readonly KubernetesObject[],
): number {
  const silent = workloads
    .flatMap(({ body }) => podNeed(specOfPods(body), ranges).containers)
    .filter(({ limits }) => !limits.has(resource));
  const requested = silent.map(({ requests }) => requests.get(resource) ?? 0);
  return Math.max(parseQuantity(usualLimits[resource]) ?? 0, ...requested);
}

function rangeOf(limits: JsonObject): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: {},
    spec: { limits: [{ type: 'Container', default: limits }] },
  };
}
