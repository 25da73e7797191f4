import { fieldManager } from '../cluster/cluster.ts';
import { hookOf } from '../manifests/hooks.ts';
import type { DriftedField, ObjectDrift } from '../model/drift.ts';
import { byName, childOf, joinKey, stepsIn } from '../model/field-path.ts';
import { isObject, type Json } from '../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import type { FieldChange } from '../model/plan.ts';
import type { RecordedObject, Release } from '../model/release.ts';
import { timeMs } from '../model/world.ts';
import { manifestOf } from '../releases/recorded.ts';
import { conceal } from './conceal.ts';
import { diffObjects } from './diff.ts';
import { isAdoptable } from './hand-over.ts';
import { managedFieldsOf, ownedPaths } from './managed-fields.ts';

/** Field managers behind which a person sits: what others add to an object is the work of a controller. */
const handTools = /^(kubectl|k9s|lens|headlamp|dashboard|rancher|curl|oc$|mozilla|node-fetch|openapi-generator)/i;

/** Those of them whose additions are told of for good: others may be of a tool that lives in the cluster, too. */
const kubectl = /^kubectl(-|$)/;

/** Written by routine, and of no weight for what was deployed. */
const routine =
  /\[(kubectl\.kubernetes\.io\/restartedAt|kubernetes\.io\/change-cause|deployment\.kubernetes\.io\/.*)\]$/;

interface Owner {
  readonly manager: string;
  /** The entry of a scale has no time. */
  readonly changedMs?: number;
  readonly paths: readonly string[];
  /** The next deploy makes its fields ours, and takes away what the manifests don't name: see hand-over.ts. */
  readonly isHandedOver: boolean;
  /** It has set nothing since the release. */
  readonly isOlder: boolean;
}

/**
 * What was changed by hand in the objects of a release, and what was added and is still there. Nothing is said of one that
 * didn't end well: what it has not applied would look like a change.
 */
export function driftsOf(
  release: Release | undefined,
  liveOf: (ref: ObjectRef) => KubernetesObject | undefined,
): readonly ObjectDrift[] {
  if (release?.status !== 'deployed') return [];
  return release.objects.flatMap((recorded): readonly ObjectDrift[] => {
    // A hook's Job comes and goes with its runs.
    if (hookOf(recorded.body) !== undefined) return [];
    const live = liveOf(recorded.ref);
    if (live === undefined) return [{ object: recorded.ref, fields: [], isGone: true }];
    const fields = driftOf(recorded, live, release);
    return fields.length === 0 ? [] : [{ object: recorded.ref, fields, isGone: false }];
  });
}

/**
 * The fields of an object that somebody changed since its release, and what was added by hand whenever that was.
 * Server-side apply hands a field over to whoever sets it to something else: what was applied and isn't ours any more was
 * changed or removed; what a person's tool has set beside it was added.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
function driftOf(recorded: RecordedObject, live: KubernetesObject, release: Release): readonly DriftedField[] {
  const manifest = manifestOf(recorded, release.number);
  const differences = diffObjects(recorded.body, live).flatMap(partsOf);
  const changed = conceal(differences, manifest).filter(({ path }) => !routine.test(path));
  if (changed.length === 0) return [];
  // The times of managedFields are exact to a second.
  const endedMs = Math.floor(Date.parse(release.endedAt ?? release.startedAt) / 1000) * 1000;
  const owners = ownersOf(live, endedMs);
  const ours = owners.filter(({ manager }) => manager === fieldManager);
  const others = owners.filter(({ manager }) => manager !== fieldManager);
  return changed.flatMap((field): readonly DriftedField[] => {
    if (!wasAsked(field)) return additionsOf(field, others, recorded.body);
    if (ours.some((owner) => owns(owner, field))) return [];
    const owner = others.find((one) => owns(one, field));
    return [{ ...field, ...whoIs(owner), isAdded: false, isOlder: false }];
  });
}

/** What the manifests don't name, if it is the work of a person's hand alone; else nothing. */
function additionsOf(
  field: FieldChange,
  others: readonly Owner[],
  recorded: KubernetesObject,
): readonly DriftedField[] {
  const { path, after = null } = field;
  // Replicas that the manifests leave open are whoever's who scales: an HPA's, or a person's.
  if (after === null || path === 'spec.replicas') return [];
  if (others.some((owner) => !isByHand(owner) && owner.paths.includes(path))) return [];
  const hands = others.filter((owner) => isByHand(owner) && owns(owner, field));
  const [last] = hands.toSorted(newestFirst);
  if (last === undefined) return [];
  const isAdded = hands.some((owner) => !owner.isHandedOver && !isOfWhole(owner, path, recorded));
  return [{ ...field, ...whoIs(last), isAdded, isOlder: last.isOlder }];
}

/** Of an older addition it can't be told whether it is meant to be there for good: only kubectl is surely no controller. */
function isByHand({ manager, isOlder }: Owner): boolean {
  return isOlder ? kubectl.test(manager) : handTools.test(manager);
}

/**
 * Whether what was added is a part of what was applied, and is owned, as a whole: an argument in `args`, a rule of a Role.
 * The next apply sets all of it.
 */
function isOfWhole({ paths }: Owner, path: string, recorded: KubernetesObject): boolean {
  return paths.some((whole) => isWithin(path, whole) && valueAt(recorded, whole) !== undefined);
}

function valueAt(object: KubernetesObject, path: string): Json | undefined {
  return stepsIn(object, path).reduce<Json | undefined>(childOf, object);
}

/** What came as a whole, taken apart: each key of a map, and each item that has a name, may have an owner of its own. */
function partsOf(field: FieldChange): readonly FieldChange[] {
  const { path, after } = field;
  if (wasAsked(field) || after === undefined || isEmpty(after)) return [field];
  if (Array.isArray(after)) {
    const named = byName(after as readonly Json[]);
    return named === undefined
      ? [field]
      : [...named].map(([name, item]) => ({ path: `${path}[${name}]`, after: item }));
  }
  // An item of a list is shown as one.
  if (!isObject(after) || path.endsWith(']')) return [field];
  return Object.entries(after).flatMap(([key, value]) =>
    value === undefined ? [] : partsOf({ path: joinKey(path, key), after: value }),
  );
}

function wasAsked({ before }: FieldChange): boolean {
  return before !== undefined && !isEmpty(before);
}

/** @param endedMs when the release ended whose objects are looked at. */
function ownersOf(live: KubernetesObject, endedMs = 0): readonly Owner[] {
  return managedFieldsOf(live)
    .filter(
      ({ subresource, manager, operation }) =>
        subresource !== 'status' && (manager !== fieldManager || operation === 'Apply'),
    )
    .map((entry) => {
      const changedMs = timeMs(entry.raw.time);
      return {
        manager: entry.manager,
        ...(changedMs === undefined ? {} : { changedMs }),
        paths: ownedPaths(live, entry.fields),
        isHandedOver: isAdoptable(entry),
        isOlder: (changedMs ?? 0) < endedMs,
      };
    });
}

/** Who has set a field last, as far as the server remembers. */
export function lastOwnerOf(live: KubernetesObject, path: string): Pick<DriftedField, 'manager' | 'changedMs'> {
  const [last] = ownersOf(live)
    .filter((owner) => owns(owner, { path }))
    .toSorted(newestFirst);
  return whoIs(last);
}

function newestFirst(a: Owner, b: Owner): number {
  return (b.changedMs ?? 0) - (a.changedMs ?? 0);
}

/** Whether a manager has set the field, a part of it, or what it is a part of. */
function owns({ paths }: Owner, { path }: FieldChange): boolean {
  return paths.some((owned) => owned === path || isWithin(owned, path) || isWithin(path, owned));
}

function isWithin(path: string, outer: string): boolean {
  return path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

/** The server drops what says nothing. */
function isEmpty(value: Json): boolean {
  return value === null || (isObject(value) ? Object.keys(value) : Array.isArray(value) ? value : ['']).length === 0;
}

function whoIs(owner: Owner | undefined): Pick<DriftedField, 'manager' | 'changedMs'> {
  if (owner === undefined) return {};
  const { manager, changedMs } = owner;
  return { manager, ...(changedMs === undefined ? {} : { changedMs }) };
}
