import type { Applied, Cluster } from '../cluster/cluster.ts';
import type { ApiFailure } from '../cluster/errors.ts';
import { isAboutTheObject } from '../cluster/retry.ts';
import { waveOf } from '../kinds/index.ts';
import { hookOf } from '../manifests/hooks.ts';
import { isLeftBehind, isWriter } from '../manifests/written-secrets.ts';
import type { Finding } from '../model/finding.ts';
import type { Hook } from '../model/hook.ts';
import { at, objectOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, isKubernetesObject, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import type { Change, FieldChange, Writer } from '../model/plan.ts';
import { isAppliedAlready } from './applied-already.ts';
import { type HpaBounds, updateNotes } from './change-notes.ts';
import { conceal } from './conceal.ts';
import { conflictFindings, conflictsIn } from './conflicts.ts';
import { diffObjects } from './diff.ts';
import { type HandOverNeed, handOverNeed, isTakenOver } from './hand-over.ts';
import { withImageWords } from './images/image-changes.ts';
import { askedChanges } from './immutable.ts';
import { managedFieldsOf, unionFields, withDefaults, withoutOwned } from './managed-fields.ts';
import { refusalFindings, warningFindings } from './refusals.ts';
import { applyAsNew, rehearse } from './rehearsal.ts';
import type { NamespaceFacts } from './target.ts';

export interface ChangeRequest {
  readonly manifest: Manifest;
  /** The namespace that it is in. */
  readonly place: NamespaceFacts;
  /** The definition of its kind that is applied before it; served already, it is another one then. */
  readonly definition?: { readonly ref: ObjectRef; readonly isServed: boolean };
  readonly forceConflicts: boolean;
  readonly live?: KubernetesObject;
  readonly hpa?: HpaBounds;
  /** Of a Secret: the ExternalSecret that makes it until now, and goes. */
  readonly writer?: Writer;
}

export interface PlannedChange {
  readonly change?: Change;
  readonly findings: readonly Finding[];
}

/** Plans one object: a dry run of its apply, compared with what is live; none where it is plain that nothing changes. */
export async function planChange(
  request: ChangeRequest,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<PlannedChange> {
  const { manifest, place, definition, live } = request;
  if (definition?.isServed === false) return { change: untried(request, definition.ref), findings: [] };
  if (place.namespaceState !== 'exists') {
    return { change: creation(request), findings: await rehearse(manifest, cluster, signal) };
  }
  const hook = hookOf(manifest.body);
  if (hook !== undefined && live !== undefined) return planRun({ ...request, live }, hook, cluster, signal);
  if (live !== undefined && definition === undefined && request.writer === undefined && isSettled(request, live)) {
    return { change: update(request, live, [], undefined, []), findings: [] };
  }
  const attempt = await dryRun(request, cluster, signal);
  if (!attempt.applied.ok) {
    const { failure } = attempt.applied;
    // A field that only the new definition has is a typo to the old one.
    if (definition !== undefined && isAboutContents(failure)) {
      return { change: untried(request, definition.ref), findings: [] };
    }
    return { findings: refusalOrConflicts(request, failure) };
  }
  const findings = warningFindings(manifest, attempt.applied.warnings, place.podSecurity);
  if (live === undefined) return { change: creation(request), findings };
  const need = handOverNeed(live, request.hpa !== undefined);
  const after =
    need === undefined
      ? attempt.applied.object
      : await afterHandOver(request, attempt.applied.object, need, cluster, signal);
  return {
    change: update(
      request,
      live,
      withImageWords(conceal(diffObjects(live, after), manifest), live, after),
      need,
      attempt.takenFrom,
    ),
    findings,
  };
}

/**
 * A hook whose Job is there already: its template can't be changed, so it is tried as a new one, unless it must stay.
 * Whether it is run at all depends on the other changes: see deploy/hooks.ts.
 */
async function planRun(
  request: ChangeRequest & { readonly live: KubernetesObject },
  hook: Hook,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<PlannedChange> {
  const { manifest, live } = request;
  const run: Change = { ...creation(request), op: 'update', hook, live };
  const { applied } = await dryRun({ ...request, forceConflicts: true }, cluster, signal);
  if (applied.ok)
    return { change: { ...run, isSameJob: diffObjects(live, applied.object).length === 0 }, findings: [] };
  const fresh = hook.delete === 'never' ? applied : await applyAsNew(manifest.body, cluster, signal);
  return fresh.ok ? { change: run, findings: [] } : { findings: refusalFindings(manifest, fresh.failure, live) };
}

/** Nothing is to be handed over, and an apply would change nothing. */
function isSettled({ manifest, hpa }: ChangeRequest, live: KubernetesObject): boolean {
  return handOverNeed(live, hpa !== undefined) === undefined && isAppliedAlready(manifest.body, live);
}

function isAboutContents({ status, message }: ApiFailure): boolean {
  return status === 422 || status === 400 || isAboutTheObject(message);
}

/** The server can't try what it has no definition of yet: it does so when it is applied. */
function untried(request: ChangeRequest, definition: ObjectRef): Change {
  const { manifest, live } = request;
  const note = `not tried yet: its kind comes with ${formatRef(definition)}`;
  const change = creation(request);
  if (live === undefined) return { ...change, notes: [...change.notes, note], definition };
  return { ...change, op: 'update', fields: askedChanges(live, manifest), notes: [note], definition };
}

function creation({ manifest, hpa, live }: ChangeRequest): Change {
  const hook = hookOf(manifest.body);
  return {
    op: 'create',
    ...(hook === undefined ? {} : { hook }),
    manifest,
    fields: [],
    wave: waveOf(manifest.body),
    notes: hpa === undefined ? [] : [`starts with ${hpa.minReplicas} replicas, then left to HPA ${hpa.name}`],
    handOver: false,
    force: false,
    ...(live === undefined ? {} : { live }),
    ...(hpa === undefined ? {} : { initialReplicas: hpa.minReplicas }),
  };
}

function update(
  request: ChangeRequest,
  live: KubernetesObject,
  fields: readonly FieldChange[],
  need: HandOverNeed | undefined,
  takenFrom: readonly string[],
): Change {
  const { manifest, hpa, writer } = request;
  const changed = fields.length > 0 || need !== undefined || writer !== undefined;
  const adopted = (need?.adopted ?? []).map(({ manager }) => manager);
  // What is handed over before the apply doesn't have to be taken by force.
  const forcedFrom = takenFrom.filter((manager) => !adopted.includes(manager));
  return {
    op: changed ? 'update' : 'unchanged',
    manifest,
    fields,
    wave: waveOf(manifest.body),
    notes: updateNotes({
      live,
      takenFrom: forcedFrom,
      adopts: adopted.length > 0,
      ...(hpa === undefined ? {} : { hpa }),
      ...(writer === undefined ? {} : { writer: writer.ref }),
    }),
    live,
    handOver: need !== undefined,
    // What its writer sets between the plan and its end is the writer's, too.
    force: forcedFrom.length > 0 || writer !== undefined,
    ...(writer === undefined ? {} : { writer }),
  };
}

interface DryRun {
  readonly applied: Applied;
  /** Managers whose fields the apply takes by force. */
  readonly takenFrom: readonly string[];
}

async function dryRun(
  { manifest, forceConflicts, live, writer }: ChangeRequest,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<DryRun> {
  const applied = await cluster.apply(manifest.body, { dryRun: true, force: false }, signal);
  const managers = applied.ok ? [] : conflictsIn(applied.failure).map(({ manager }) => manager);
  const isOurs = (manager: string): boolean =>
    forceConflicts || isTakenOver(manager) || (isWriter(manager) && (writer !== undefined || isFree(live)));
  if (managers.length === 0 || !managers.every(isOurs)) return { applied, takenFrom: [] };
  return {
    applied: await cluster.apply(manifest.body, { dryRun: true, force: true }, signal),
    takenFrom: [...new Set(managers)],
  };
}

function isFree(live: KubernetesObject | undefined): boolean {
  return live !== undefined && isLeftBehind(live);
}

/**
 * What the object will be once kubectl's fields are ours: those that the manifest doesn't name are gone, or back at
 * the server's default where they have one. A dry run under a random name tells the defaults.
 */
async function afterHandOver(
  request: ChangeRequest,
  applied: KubernetesObject,
  need: HandOverNeed,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const entries = managedFieldsOf(applied);
  const adopted = need.adopted.reduce((set, { fields }) => unionFields(set, fields), {});
  const kept = entries
    .filter(
      (entry) =>
        !need.adopted.some(({ manager, operation }) => manager === entry.manager && operation === entry.operation),
    )
    .map(({ fields }) => fields);
  const replicas = need.releasesReplicas ? [{ 'f:spec': { 'f:replicas': {} } }] : [];
  const left = withoutOwned(applied, adopted, [...kept, ...replicas]);
  const fresh = await applyAsNew(request.manifest.body, cluster, signal);
  const settled = fresh.ok ? withDefaults(left, applied, fresh.object) : left;
  const after = isKubernetesObject(settled) ? settled : applied;
  return need.releasesReplicas ? withReplicasOf(request.live, after) : after;
}

/** What is nobody's before the apply is not reset by it, as the dry run shows: the HPA's number stays. */
function withReplicasOf(live: KubernetesObject | undefined, after: KubernetesObject): KubernetesObject {
  const replicas = at(live, 'spec', 'replicas');
  return replicas === undefined ? after : { ...after, spec: { ...objectOf(after.spec), replicas } };
}

function refusalOrConflicts(
  { manifest, forceConflicts, live }: ChangeRequest,
  failure: ApiFailure,
): readonly Finding[] {
  const conflicts = conflictsIn(failure).filter(({ manager }) => !forceConflicts && !isTakenOver(manager));
  if (conflicts.length === 0) return refusalFindings(manifest, failure, live);
  return conflictFindings(
    manifest,
    conflicts,
    'Take the field out of the manifest, or take it over: --force-conflicts.',
  );
}
