import { errorFinding } from '../../model/finding.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef, type KubernetesObject } from '../../model/object.ts';
import { isOpen } from '../../model/open.ts';
import { byteQuantity, coreQuantity, parseQuantity } from '../../model/quantity.ts';
import { leastPods, nothingThere } from '../pod-counts.ts';
import { podNeed } from '../pod-need.ts';
import { podTemplateOf, specOfPods } from '../pod-template.ts';
import { type Demand, demandsOf, needOf } from '../quota-demand.ts';
import { type Application, daemonSetsOf } from './application.ts';
import type { NoValue } from './no-value.ts';

/** What a container is limited to that says no limit, where it doesn't request more. */
const usualLimits = { cpu: '500m', memory: '512Mi' } as const;

/** What the quota counts, as a ResourceQuota names it. */
const counted = ['pods', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'] as const;

/** From this share on a quota is called nearly used. */
const nearly = 0.9;

/**
 * How much of a resource a ResourceQuota must allow: for all workloads at the maximum of their HPAs, while their pods are
 * replaced. DaemonSets have a pod on each node: without the number of nodes there is no such quota.
 */
export function sizeOf(resource: string, nodes: string, application: Application): Json | NoValue {
  const daemons = daemonSetsOf(application);
  const count = Number(nodes);
  const isCount = /^\d{1,5}$/.test(nodes) && count > 0;
  if (!isCount && !isOpen(nodes) && (daemons.length > 0 || nodes !== '')) {
    return {
      finding: ({ addon, origin }) =>
        errorFinding(
          'addons/input',
          `The add-on ${addon} needs quota_nodes, the number of nodes that there may be at most.`,
          'Give it: --set quota_nodes=6. Or leave the add-on out.',
          { origin, evidence: daemons.map(({ ref }) => `${formatRef(ref)} has a pod on each node`) },
        ),
    };
  }
  const most = ({ manifest, counts }: Demand): number =>
    daemons.includes(manifest) ? (isCount ? count : 0) : counts.most;
  const amount = needOf(resource, demandsIn(application, limitsFor(application)), most) ?? 0;
  if (resource === 'pods') return String(amount);
  return resource.endsWith('.cpu') ? coreQuantity(amount) : byteQuantity(amount);
}

/**
 * What else a quota says: the limits that the LimitRange beside it gives to containers without one, never below what any of
 * them requests, or the API server would refuse its pods. `alwaysUsed` is a pattern for what is nearly used up as long as all
 * workloads run at their minimum.
 */
export function quotaFor(application: Application): JsonObject {
  const limits = limitsFor(application);
  const demands = demandsIn(application, limits);
  const most = (name: string): number => needOf(name, demands, ({ counts }) => counts.most) ?? 0;
  const least = (name: string): number =>
    needOf(name, demands, ({ manifest, counts }) =>
      isScaled(manifest) ? leastPods(manifest.body, application.manifests) : counts.first,
    ) ?? 0;
  const alwaysUsed = counted.filter((name) => most(name) > 0 && least(name) >= nearly * most(name));
  return { default: limits, alwaysUsed: alwaysUsed.map((name) => name.replaceAll('.', '[.]')).join('|') };
}

function demandsIn({ manifests, limitRanges, namespace }: Application, limits: JsonObject): readonly Demand[] {
  const ranges = limitRanges.map(({ body }) => body);
  return demandsOf(manifests, namespace, [...ranges, rangeOf(limits)], nothingThere);
}

function limitsFor({ manifests, limitRanges, namespace }: Application): JsonObject {
  const ranges = limitRanges.map(({ body }) => body);
  const ours = manifests.filter(({ ref, body }) => ref.namespace === namespace && podTemplateOf(body) !== undefined);
  return { cpu: coreQuantity(limitFor('cpu', ours, ranges)), memory: byteQuantity(limitFor('memory', ours, ranges)) };
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
