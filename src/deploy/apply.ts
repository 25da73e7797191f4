import type { Applied, Cluster } from '../cluster/cluster.ts';
import type { ApiFailure } from '../cluster/errors.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import type { Finding } from '../model/finding.ts';
import type { Hook } from '../model/hook.ts';
import { objectOf } from '../model/json.ts';
import { formatRef, type KubernetesObject, refKey, refOf } from '../model/object.ts';
import type { Change, Plan } from '../model/plan.ts';
import { namesIn } from '../model/text.ts';
import { conflictFindings, conflictsIn } from './conflicts.ts';
import { letGo } from './external-secrets/let-go.ts';
import { type Gate, withNotBegun } from './gate.ts';
import { handOverNeed, handOverPatch } from './hand-over.ts';
import { patchLive } from './patch-live.ts';
import { type Prerequisites, stepsOf } from './prerequisites.ts';
import { refusalFindings } from './refusals.ts';

/** The objects as the API server answered their apply, by `refKey`. */
export type AppliedObjects = ReadonlyMap<string, KubernetesObject>;

/** What happens between the waves of a plan. */
export interface Passage {
  /** Asked before each wave whether the deploy may go on. */
  readonly enter: (wave: string) => Promise<void>;
  /** Waits for what the next changes need. */
  readonly gate: Gate;
  /** Which objects need which. */
  readonly prerequisites: Prerequisites;
  /** Runs the Job of a hook to its end. */
  readonly runHook: (change: Change, hook: Hook) => Promise<KubernetesObject>;
}

/**
 * Executes a part of a plan, what comes before everything is ready or what comes after: wave after wave, the objects of one wave at once, but for those that need others of it. Unchanged
 * objects are not touched, and nothing is deleted.
 *
 * @throws DeployError `failed` after the wave in which an object was refused, or what the gate throws; later waves are
 *   not begun.
 */
export async function applyPlan(
  plan: Plan,
  part: 'until ready' | 'once ready',
  { enter, gate, prerequisites, runHook }: Passage,
  cluster: Cluster,
  host: Host,
  signal: AbortSignal,
): Promise<AppliedObjects> {
  const objects = new Map<string, KubernetesObject>();
  for (const [index, wave] of plan.waves.entries()) {
    const changes = wave.changes.filter(({ op }) => op === 'create' || op === 'update');
    if (changes.length === 0 || isOnceReady(changes) !== (part === 'once ready')) continue;
    const notBegun = plan.waves.slice(index + 1).map(({ name }) => name);
    await enter(wave.name);
    host.emit({ type: 'wave', number: wave.number, name: wave.name, objects: changes.length });
    const passable = async (step: readonly Change[]): Promise<void> =>
      gate(step, objects).catch((error: unknown) => {
        throw withNotBegun(error, [wave.name, ...notBegun]);
      });
    const ordinary = changes.filter(({ hook }) => hook === undefined);
    for (const change of changes) {
      if (change.hook === undefined) continue;
      await passable([change]);
      const job = await runHook(change, change.hook).catch((error: unknown) => {
        throw withNotBegun(error, notBegun);
      });
      objects.set(refKey(change.manifest.ref), job);
    }
    for (const step of stepsOf(ordinary, prerequisites)) {
      await passable(step);
      const outcomes = await Promise.all(step.map((change) => applyChange(change, cluster, host, signal)));
      const findings = outcomes.flatMap((outcome) => ('object' in outcome ? [] : outcome.findings));
      for (const outcome of outcomes) {
        if ('object' in outcome) objects.set(refKey(refOf(outcome.object)), outcome.object);
      }
      if (findings.length > 0) throw waveFailed(notBegun, findings);
    }
  }
  return objects;
}

/** The hooks that run after the workloads wait until everything is ready. */
function isOnceReady(changes: readonly Change[]): boolean {
  return changes.some(({ hook }) => hook?.run === 'after');
}

type Outcome = { readonly object: KubernetesObject } | { readonly findings: readonly Finding[] };

/** Applies one change; the findings say why the server refused it. */
async function applyChange(change: Change, cluster: Cluster, host: Host, signal: AbortSignal): Promise<Outcome> {
  const startedMs = Date.now();
  const { manifest, writer } = change;
  const held = writer === undefined ? undefined : await letGo(manifest.ref, writer, cluster, host, signal);
  if (held !== undefined) return { findings: [held] };
  const applied =
    change.op === 'create' ? await create(change, cluster, signal) : await update(change, cluster, signal);
  if (!applied.ok) return { findings: refusedSincePlan(change, applied.failure) };
  host.emit({ type: 'applied', object: manifest.ref, op: change.op, elapsedMs: Date.now() - startedMs });
  return { object: applied.object };
}

/** The plan's dry run has shown no conflict: whose field it is now has set it since. */
function refusedSincePlan({ manifest, live }: Change, failure: ApiFailure): readonly Finding[] {
  const conflicts = conflictsIn(failure);
  if (conflicts.length === 0) return refusalFindings(manifest, failure, live);
  return conflictFindings(manifest, conflicts, 'It was changed since the plan was made: make a new one.');
}

/**
 * A workload that an HPA scales is created with the HPA's minimum, and that field is given up at once: it would
 * start with one pod otherwise. Killed between the two, the next deploy finds the field ours and gives it up.
 */
async function create(change: Change, cluster: Cluster, signal: AbortSignal): Promise<Applied> {
  const { body } = change.manifest;
  if (change.initialReplicas === undefined) return cluster.apply(body, { dryRun: false, force: false }, signal);
  const scaled = { ...body, spec: { ...objectOf(body.spec), replicas: change.initialReplicas } } as KubernetesObject;
  const created = await cluster.apply(scaled, { dryRun: false, force: false }, signal);
  return created.ok ? handOver(change, created.object, true, cluster, signal) : created;
}

async function update(change: Change, cluster: Cluster, signal: AbortSignal): Promise<Applied> {
  if (change.handOver && change.live !== undefined) {
    const handed = await handOver(change, change.live, scaledByHpa(change), cluster, signal);
    if (!handed.ok) return handed;
  }
  return cluster.apply(change.manifest.body, { dryRun: false, force: change.force }, signal);
}

/** An HPA's workload never has `replicas` in its manifest (see stampManifests). */
function scaledByHpa({ manifest }: Change): boolean {
  return objectOf(manifest.body.spec).replicas === undefined;
}

function handOver(
  { manifest: { ref } }: Change,
  live: KubernetesObject,
  scaled: boolean,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Applied> {
  const operations = (current: KubernetesObject): ReturnType<typeof handOverPatch> | undefined => {
    const need = handOverNeed(current, scaled);
    return need === undefined ? undefined : handOverPatch(current, need);
  };
  return patchLive(ref, live, operations, cluster, signal);
}

function waveFailed(notBegun: readonly string[], findings: readonly Finding[]): DeployError {
  const names = [...new Set(findings.flatMap(({ object }) => (object === undefined ? [] : [formatRef(object)])))];
  return new DeployError('failed', `The cluster refused ${namesIn(names)}.`, {
    why: `What was applied before stays as it is.${notBegun.length > 0 ? ` Not begun: ${notBegun.join(', ')}.` : ''}`,
    fix: 'Correct it and run the same command again: it goes on where this one ended.',
    findings,
  });
}
