import { at, numberOf, textOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, type KubernetesObject, refKey } from '../model/object.ts';
import { scalerOf } from './stamp.ts';

/** How many pods of a workload of a plan there are to be. */
export interface PodCounts {
  /** Once it is ready; where its pods are replaced and none may be missing meanwhile, one more. */
  readonly first: number;
  /** At the maximum of its HPA, while its pods are replaced. */
  readonly most: number;
}

/** What is known of a cluster that the manifests go to; nothing where there is none. */
export interface KnownLive {
  /** The objects that are there already, by key. */
  readonly live: ReadonlyMap<string, KubernetesObject>;
  /** The keys of the workloads whose pods are replaced. */
  readonly replaced: ReadonlySet<string>;
}

/** A first deploy: nothing is there yet. */
export const nothingThere: KnownLive = { live: new Map(), replaced: new Set() };

/** How many pods a workload has at all times: its HPA's minimum, else its replicas. */
export function leastPods(body: KubernetesObject, declared: readonly Manifest[]): number {
  const scaler = scalerOf(body, declared);
  return numberOf(scaler === undefined ? at(body, 'spec', 'replicas') : at(scaler, 'spec', 'minReplicas'), 1);
}

/**
 * Counts the pods of a workload. Of a DaemonSet that is new nobody can know them. A CronJob has those of one run, later; that a
 * run meets the one before is left out.
 */
export function podCounts(
  { body, ref }: Manifest,
  declared: readonly Manifest[],
  { live, replaced }: KnownLive,
): PodCounts {
  const now = live.get(refKey(ref));
  switch (`${groupOf(ref.apiVersion)}/${ref.kind}`) {
    case '/Pod':
      return same(1);
    case 'batch/Job':
      return same(at(now, 'status', 'completionTime') === undefined ? numberOf(at(body, 'spec', 'parallelism'), 1) : 0);
    case 'batch/CronJob':
      return { first: 0, most: numberOf(at(body, 'spec', 'jobTemplate', 'spec', 'parallelism'), 1) };
    case 'apps/DaemonSet':
      return same(numberOf(at(now, 'status', 'desiredNumberScheduled'), 0));
    case 'apps/Deployment':
    case 'apps/StatefulSet':
    case 'apps/ReplicaSet':
      return scaled(body, declared, now, replaced.has(refKey(ref)));
    default:
      return same(0);
  }
}

function same(count: number): PodCounts {
  return { first: count, most: count };
}

function scaled(
  body: KubernetesObject,
  declared: readonly Manifest[],
  now: KubernetesObject | undefined,
  isReplaced: boolean,
): PodCounts {
  const scaler = scalerOf(body, declared);
  const wanted =
    scaler === undefined
      ? numberOf(at(body, 'spec', 'replicas'), 1)
      : numberOf(at(now, 'spec', 'replicas'), numberOf(at(scaler, 'spec', 'minReplicas'), 1));
  const highest = Math.max(wanted, numberOf(at(scaler, 'spec', 'maxReplicas'), wanted));
  if (body.kind !== 'Deployment') return { first: wanted, most: highest };
  const needsOneMore = isReplaced && wanted > 0 && surgeOf(body, wanted) > 0 && unavailableOf(body, wanted) === 0;
  return { first: wanted + (needsOneMore ? 1 : 0), most: highest + surgeOf(body, highest) };
}

/** How many pods a rollout makes beside those that there are; 25 % where it isn't said, rounded up. */
function surgeOf(body: KubernetesObject, replicas: number): number {
  if (at(body, 'spec', 'strategy', 'type') === 'Recreate') return 0;
  return Math.ceil(shareOf(at(body, 'spec', 'strategy', 'rollingUpdate', 'maxSurge'), replicas));
}

function unavailableOf(body: KubernetesObject, replicas: number): number {
  return Math.floor(shareOf(at(body, 'spec', 'strategy', 'rollingUpdate', 'maxUnavailable'), replicas));
}

/** A number of pods, or a share of them. */
function shareOf(value: unknown, replicas: number): number {
  if (typeof value === 'number') return value;
  const [, percent = '25'] = /^(\d+)%$/.exec(textOf(value)) ?? [];
  return (Number(percent) / 100) * replicas;
}
