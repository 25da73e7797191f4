import { waveOf } from '../kinds/index.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type ObjectRef, refKey } from '../model/object.ts';
import { type Change, changesOf, type Plan } from '../model/plan.ts';
import { toWaves } from './plan.ts';

/**
 * The plan of a rollout of one workload. Who sets an image at night means that image: whatever else is not as the newest
 * release has it (a ConfigMap edited by hand, a Deployment that was scaled or deleted) stays exactly as it is, and so do
 * problems of other objects that would stop a deploy of all. It is only said, and recorded as the newest release has it,
 * so that the record stays whole and the next `up` or `rollback` sets it right.
 */
export function restrictPlan(tried: Plan, manifests: readonly Manifest[], only: ObjectRef): Plan {
  const planned = new Map(changesOf(tried).map((change) => [refKey(change.manifest.ref), change]));
  const changes = manifests.flatMap((manifest): readonly Change[] => {
    const change = planned.get(refKey(manifest.ref));
    if (refKey(manifest.ref) === refKey(only)) return change === undefined ? [] : [change];
    return [leftAlone(manifest, change)];
  });
  const different = changesOf(tried).filter(
    ({ op, manifest: { ref } }) => (op === 'create' || op === 'update') && refKey(ref) !== refKey(only),
  );
  return { ...tried, only, waves: toWaves(changes), findings: [...tried.findings, ...leftFindings(different)] };
}

/** What there is to say of one object, and of none in particular. */
export function concerning(only: ObjectRef | undefined, findings: readonly Finding[]): readonly Finding[] {
  if (only === undefined) return findings;
  return findings.filter(({ object }) => object === undefined || refKey(object) === refKey(only));
}

function leftAlone(manifest: Manifest, planned: Change | undefined): Change {
  return {
    op: 'unchanged',
    manifest,
    fields: [],
    wave: waveOf(manifest.body),
    notes: [],
    handOver: false,
    force: false,
    ...(planned?.live === undefined ? {} : { live: planned.live }),
  };
}

const shown = 5;

function leftFindings(different: readonly Change[]): readonly Finding[] {
  if (different.length === 0) return [];
  const lines = different.map(
    ({ op, manifest: { ref }, fields }) =>
      `${formatRef(ref)}: ${op === 'create' ? 'it is not there' : fields.map(({ path }) => path).join(', ') || 'its pods would restart'}`,
  );
  const more = lines.length - shown;
  return [
    {
      id: 'rollout/left-alone',
      severity: 'warning',
      cause: `${different.length === 1 ? 'An object is' : `${different.length} other objects are`} not as the newest release has ${different.length === 1 ? 'it' : 'them'}, and ${different.length === 1 ? 'stays' : 'stay'} so: only this workload is changed.`,
      evidence: [...lines.slice(0, shown), ...(more > 0 ? [`and ${more} more`] : [])],
      fix: 'See what a deploy would change: oms-deploy plan; oms-deploy up sets it right.',
    },
  ];
}
