import { readsFrom } from '../manifests/config-hash.ts';
import { type DriftedField, formatDrift, type ObjectDrift } from '../model/drift.ts';
import type { Finding } from '../model/finding.ts';
import { editCommand, formatRef, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import { changesOf, keptOf, type Plan } from '../model/plan.ts';
import type { Release } from '../model/release.ts';
import { namesIn } from '../model/text.ts';
import { driftsOf } from './drift.ts';
import { rollsOut, workloadName } from './workload-name.ts';

/** What was changed by hand, as findings of a plan: it takes back what it is told to set, and leaves what was added. */
export function driftFindings(release: Release | undefined, plan: Plan, nowMs: number): readonly Finding[] {
  return driftsOf(release, liveIn(plan, release)).flatMap((drift) => {
    const added = drift.fields.filter(({ isAdded }) => isAdded);
    const changed = drift.fields.filter(({ isAdded }) => !isAdded);
    return [
      ...(drift.isGone || changed.length > 0
        ? [changedFinding({ ...drift, fields: changed }, release, plan, nowMs)]
        : []),
      ...(added.length > 0 ? [addedFinding(drift.object, added, nowMs)] : []),
    ];
  });
}

function changedFinding(
  { object, fields, isGone }: ObjectDrift,
  release: Release | undefined,
  plan: Plan,
  nowMs: number,
): Finding {
  const since = `since release ${release?.number ?? ''}`;
  return {
    id: 'drift/changed',
    severity: 'warning',
    object,
    cause: `${formatRef(object)}: ${isGone ? `it was deleted ${since}` : `${fieldsWere(fields)} changed by hand ${since}`}.`,
    evidence: fields.map((field) => formatDrift(field, nowMs)),
    fix: [
      'What the manifests say comes back with the deploy; to keep a change, write it into the manifests.',
      ...readerHint(object, plan),
    ].join(' '),
  };
}

/** A warning as long as it is news, then a note: it is in nobody's way, and must not be forgotten. */
function addedFinding(object: ObjectRef, fields: readonly DriftedField[], nowMs: number): Finding {
  const isKnown = fields.every(({ isOlder }) => isOlder);
  // Of a note only the first line is shown.
  const paths = namesIn(fields.map(({ path }) => path));
  const it = fields.length === 1 ? 'it' : 'them';
  return {
    id: 'drift/added',
    severity: isKnown ? 'info' : 'warning',
    object,
    cause: `${formatRef(object)}: ${fieldsWere(fields)} added by hand, and no deploy takes ${it} away${isKnown ? `: ${paths}` : ''}.`,
    evidence: fields.map((field) => formatDrift(field, nowMs)),
    fix: `Remove ${it} with ${editCommand(object)}, or write ${it} into the manifests.`,
  };
}

function fieldsWere(fields: readonly DriftedField[]): string {
  return fields.length === 1 ? 'a field was' : `${fields.length} fields were`;
}

/** The hash on a pod template is of what the manifests say: it doesn't change when that comes back. */
function readerHint(object: ObjectRef, plan: Plan): readonly string[] {
  const kept = keptOf(plan);
  const config = kept.find(({ manifest }) => refKey(manifest.ref) === refKey(object))?.manifest.body;
  if (config === undefined) return [];
  const readers = kept.filter(
    ({ op, manifest: { ref, body } }) => op === 'unchanged' && rollsOut(ref) && readsFrom(body, config).length > 0,
  );
  if (readers.length === 0) return [];
  const commands = readers.map(({ manifest: { ref } }) => `oms-deploy rollout restart ${workloadName(ref)}`);
  return [`Pods that started meanwhile keep what they have read: ${commands.join(' && ')}.`];
}

/** The live objects that the plan saw. What it doesn't look at is taken for unchanged. */
function liveIn(plan: Plan, latest: Release | undefined): (ref: ObjectRef) => KubernetesObject | undefined {
  const seen = new Map(changesOf(plan).map(({ manifest, live }) => [refKey(manifest.ref), live]));
  const recorded = new Map(latest?.objects.map(({ ref, body }) => [refKey(ref), body]));
  return (ref) => (seen.has(refKey(ref)) ? seen.get(refKey(ref)) : recorded.get(refKey(ref)));
}
