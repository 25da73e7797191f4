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
 * How much a ResourceQuota must allow, as its `hard`: for all workloads at the maximum of their HPAs, while their pods are
 * replaced. DaemonSets have a pod on each node: without the number of nodes there is no such quota.
 */
export function sizeOf(nodes: string, application: Application): Json | NoValue {
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
  const demands = demandsIn(application);
  const most = ({ manifest, counts }: Demand): number =>
    daemons.includes(manifest) ? (isCount ? count : 0) : counts.most;
  return Object.fromEntries(counted.map((name) => [name, quantityFor(name, needOf(name, demands, most) ?? 0)]));
}

/** What else a quota says: `alwaysUsed`, a pattern for what is nearly used up as long as all workloads run at their minimum. */
export function quotaFor(application: Application): JsonObject {
  const demands = demandsIn(application);
  const most = (name: string): number => needOf(name, demands, ({ counts }) => counts.most) ?? 0;
  const least = (name: string): number =>
    needOf(name, demands, ({ manifest, counts }) =>
      isScaled(manifest) ? leastPods(manifest.body, application.manifests) : counts.first,
    ) ?? 0;
  const alwaysUsed = counted.filter((name) => most(name) > 0 && least(name) >= nearly * most(name));
  return { alwaysUsed: alwaysUsed.map((name) => name.replaceAll('.', '[.]')).join('|') };
}

/**
 * The limits that the LimitRange gives to containers without one: never below what any of them requests, or the API server
 * would refuse its pods.
 */
export function limitsFor({ manifests, limitRanges, namespace }: Application): JsonObject {
  const ranges = limitRanges.map(({ body }) => body);
  const ours = manifests.filter(({ ref, body }) => ref.namespace === namespace && podTemplateOf(body) !== undefined);
  return { cpu: coreQuantity(limitFor('cpu', ours, ranges)), memory: byteQuantity(limitFor('memory', ours, ranges)) };
}

/** A container, and what it gets because it says nothing of it: `limits.cpu 500m`. */
export interface Completed {
  readonly manifest: Manifest;
  readonly container: string;
  readonly given: readonly (readonly [name: string, quantity: string])[];
}

/** The containers that LimitRanges of add-ons complete. */
export function completedIn(application: Application): readonly Completed[] {
  return demandsIn(application).flatMap(({ manifest, pod }) => {
    const said = podNeed(specOfPods(manifest.body), []).containers;
    return pod.containers.flatMap(({ name: container, ...whole }, index) => {
      const given = (['limits', 'requests'] as const).flatMap((part) =>
        [...whole[part]]
          .filter(([resource]) => said[index]?.[part].has(resource) !== true)
          .map(([resource, amount]) => [`${part}.${resource}`, quantityFor(`${part}.${resource}`, amount)] as const),
      );
      return given.length === 0 ? [] : [{ manifest, container, given }];
    });
  });
}

/** Completed by the LimitRange, too. */
function demandsIn(application: Application): readonly Demand[] {
  const { manifests, limitRanges, namespace } = application;
  const ranges = [...limitRanges.map(({ body }) => body), rangeOf(limitsFor(application))];
  return demandsOf(manifests, namespace, ranges, nothingThere);
}

function quantityFor(name: string, amount: number): string {
  if (name.endsWith('.cpu')) return coreQuantity(amount);
  return name === 'pods' ? String(amount) : byteQuantity(amount);
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
