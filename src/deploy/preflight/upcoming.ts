import type { Manifest } from '../../model/manifest.ts';
import { type KubernetesObject, type ObjectRef, refKey } from '../../model/object.ts';
import { type Change, changesOf, type Plan } from '../../model/plan.ts';
import type { LockState } from '../../releases/lease.ts';
import type { Place } from '../../releases/place.ts';
import { replacesPods } from '../change-notes.ts';
import type { Tried } from '../plan.ts';
import type { View } from '../planned.ts';
import type { ClusterFacts } from '../target.ts';

/** A plan that is to be carried out, and what its preflight has to know of it. */
export interface Upcoming {
  readonly plan: Plan;
  /** The objects of the deploy, those too that the API server refuses; of a rollout its workload alone. */
  readonly manifests: readonly Manifest[];
  /** The objects that are there already, by key. */
  readonly live: ReadonlyMap<string, KubernetesObject>;
  /** Those that may not be read. */
  readonly unread: ReadonlySet<string>;
  readonly place: Place;
  readonly facts: ClusterFacts;
  readonly lock: LockState;
  readonly isFirst: boolean;
}

/** A plan as its preflight sees it. */
export function upcomingOf({ manifests, live, unread }: Tried, plan: Plan, { cluster, facts, ledger }: View): Upcoming {
  const { only, target } = plan;
  return {
    plan,
    manifests: only === undefined ? manifests : manifests.filter(({ ref }) => refKey(ref) === refKey(only)),
    live,
    unread,
    place: { cluster, application: target.application, namespace: target.namespace },
    facts,
    lock: ledger.lock,
    isFirst: ledger.releases.length === 0,
  };
}

/** Whether an object is to be made; of one that may not be read nobody knows. */
export function isNotThere(ref: ObjectRef, { live, unread }: Pick<Upcoming, 'live' | 'unread'>): boolean {
  return !unread.has(refKey(ref)) && !live.has(refKey(ref));
}

/** The keys of what is created or changed; what was refused would be. */
export function changedKeys({ plan, manifests }: Pick<Upcoming, 'plan' | 'manifests'>): ReadonlySet<string> {
  const unchanged = new Set(keys(changesOf(plan).filter(({ op }) => op === 'unchanged')));
  return new Set(manifests.map(({ ref }) => refKey(ref)).filter((key) => !unchanged.has(key)));
}

/** The keys of the workloads that get other pods. */
export function replacedKeys({ plan }: Pick<Upcoming, 'plan'>): ReadonlySet<string> {
  return new Set(keys(changesOf(plan).filter(replacesPods)));
}

function keys(changes: readonly Change[]): readonly string[] {
  return changes.map(({ manifest }) => refKey(manifest.ref));
}
