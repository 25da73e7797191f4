import { fieldManager } from '../cluster/cluster.ts';
import { readsFrom } from '../manifests/config-hash.ts';
import { hookOf } from '../manifests/hooks.ts';
import { type DriftedField, formatDrift, type ObjectDrift } from '../model/drift.ts';
import type { Finding } from '../model/finding.ts';
import { isObject, type Json } from '../model/json.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import { changesOf, type FieldChange, keptOf, type Plan } from '../model/plan.ts';
import type { RecordedObject, Release } from '../model/release.ts';
import { timeMs } from '../model/world.ts';
import { manifestOf } from '../releases/recorded.ts';
import { conceal } from './conceal.ts';
import { diffObjects } from './diff.ts';
import { managedFieldsOf, ownedPaths } from './managed-fields.ts';

/** Field managers behind which a person sits: what others add to an object is the work of a controller. */
const handTools = /^(kubectl|k9s|lens|headlamp|dashboard|rancher|curl|oc$|mozilla|node-fetch|openapi-generator)/i;

/** Written by routine, and of no weight for what was deployed. */
const routine = /\[(kubectl\.kubernetes\.io\/restartedAt|deployment\.kubernetes\.io\/revision)\]$/;

interface Owner {
  readonly manager: string;
  /** The entry of a scale has no time. */
  readonly changedMs?: number;
  readonly paths: readonly string[];
}

/**
 * What was changed by hand in the objects of a release. Nothing is said of one that didn't end well: what it has not
 * applied would look like a change.
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

/** The same as findings of a plan, which takes back what it is told to set. */
export function driftFindings(release: Release | undefined, plan: Plan, nowMs: number): readonly Finding[] {
  return driftsOf(release, liveIn(plan, release)).map(({ object, fields, isGone }): Finding => {
    const since = `since release ${release?.number ?? ''}`;
    const what = fields.length === 1 ? 'a field was' : `${fields.length} fields were`;
    return {
      id: 'drift/changed',
      severity: 'warning',
      object,
      cause: `${formatRef(object)}: ${isGone ? `it was deleted ${since}` : `${what} changed by hand ${since}`}.`,
      evidence: fields.map((field) => formatDrift(field, nowMs)),
      fix: [
        'What the manifests say comes back with the deploy; to keep a change, write it into the manifests.',
        ...readerHint(object, plan),
      ].join(' '),
    };
  });
}

/** The hash on a pod template is of what the manifests say: it doesn't change when that comes back. */
function readerHint(object: ObjectRef, plan: Plan): readonly string[] {
  const kept = keptOf(plan);
  const config = kept.find(({ manifest }) => refKey(manifest.ref) === refKey(object))?.manifest.body;
  if (config === undefined) return [];
  const readers = kept.filter(({ op, manifest: { body } }) => op === 'unchanged' && readsFrom(body, config).length > 0);
  const names = readers.map(({ manifest: { ref } }) => `${ref.kind.toLowerCase()}/${ref.name}`);
  if (names.length === 0) return [];
  return [`Pods that started meanwhile keep what they have read: oms-deploy rollout restart ${names.join(', ')}.`];
}

/** The live objects that the plan saw. What it doesn't look at is taken for unchanged. */
function liveIn(plan: Plan, latest: Release | undefined): (ref: ObjectRef) => KubernetesObject | undefined {
  const seen = new Map(changesOf(plan).map(({ manifest, live }) => [refKey(manifest.ref), live]));
  const recorded = new Map(latest?.objects.map(({ ref, body }) => [refKey(ref), body]));
  return (ref) => (seen.has(refKey(ref)) ? seen.get(refKey(ref)) : recorded.get(refKey(ref)));
}

/**
 * The fields of an object that somebody changed since its release. Server-side apply hands a field over to whoever sets
 * it to something else: what was applied and isn't ours any more was changed or removed; what a person's tool has set
 * beside it since was added. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
function driftOf(recorded: RecordedObject, live: KubernetesObject, release: Release): readonly DriftedField[] {
  const manifest = manifestOf(recorded, release.number);
  const changed = conceal(diffObjects(recorded.body, live), manifest).filter(({ path }) => !routine.test(path));
  if (changed.length === 0) return [];
  // The times of managedFields are exact to a second.
  const endedMs = Math.floor(Date.parse(release.endedAt ?? release.startedAt) / 1000) * 1000;
  const owners = ownersOf(live);
  const ours = owners.filter(({ manager }) => manager === fieldManager);
  const others = owners.filter(({ manager }) => manager !== fieldManager);
  const byHand = others.filter(({ manager, changedMs }) => handTools.test(manager) && (changedMs ?? 0) >= endedMs);
  return changed.flatMap((field): readonly DriftedField[] => {
    const wasAsked = field.before !== undefined && !isEmpty(field.before);
    if (!wasAsked) return byHand.filter((owner) => owns(owner, field)).map((owner) => fieldBy(owner, field));
    if (ours.some((owner) => owns(owner, field))) return [];
    return [
      fieldBy(
        others.find((owner) => owns(owner, field)),
        field,
      ),
    ];
  });
}

function ownersOf(live: KubernetesObject): readonly Owner[] {
  return managedFieldsOf(live)
    .filter(
      ({ subresource, manager, operation }) =>
        subresource !== 'status' && (manager !== fieldManager || operation === 'Apply'),
    )
    .map(({ manager, fields, raw }) => ({
      manager,
      paths: ownedPaths(live, fields),
      ...withTime(raw.time),
    }));
}

/** Who has set a field last, as far as the server remembers. */
export function lastOwnerOf(live: KubernetesObject, path: string): Pick<DriftedField, 'manager' | 'changedMs'> {
  const [last] = ownersOf(live)
    .filter((owner) => owns(owner, { path }))
    .toSorted((a, b) => (b.changedMs ?? 0) - (a.changedMs ?? 0));
  if (last === undefined) return {};
  const { paths: _, ...who } = last;
  return who;
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

function fieldBy(owner: Owner | undefined, field: FieldChange): DriftedField {
  if (owner === undefined) return field;
  const { paths: _, ...who } = owner;
  return { ...field, ...who };
}

function withTime(time: Json | undefined): Pick<Owner, 'changedMs'> {
  const changedMs = timeMs(time);
  return changedMs === undefined ? {} : { changedMs };
}
