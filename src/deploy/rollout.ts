import { refused } from '../cluster/errors.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { isPaused } from '../kinds/deployment.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import { countOf } from '../model/age.ts';
import type { Finding } from '../model/finding.ts';
import { at, type Json, numberOf } from '../model/json.ts';
import { formatRef, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import { timeMs } from '../model/world.ts';
import type { Lock } from '../releases/held-lock.ts';
import type { Place } from '../releases/place.ts';
import type { LockOptions } from './carry-out.ts';
import { afterChange, beforeFirstWrite } from './endings.ts';
import { findWorkload, type Workload } from './find-workload.ts';
import { hasField, managedFieldsOf } from './managed-fields.ts';
import { openPlace, type PlaceRequest } from './open-place.ts';
import { patchLive, sameVersion } from './patch-live.ts';
import type { RunFacts } from './release-of.ts';
import type { Patience } from './tracking.ts';
import { waitUntilReady } from './wait.ts';
import { withLock } from './with-lock.ts';
import { workloadName } from './workload-name.ts';

/** Which workload, and how it is waited for. */
export interface RolloutRequest extends Patience {
  readonly place: PlaceRequest;
  /** As it was typed: `web`, `deployment/web`. */
  readonly workload: string;
  /** For the whole wait, in milliseconds. */
  readonly timeoutMs: number;
}

/** The same for what writes. */
export interface RolloutChange extends RolloutRequest {
  /** Don't ask before changing something. */
  readonly yes: boolean;
  readonly lock: LockOptions;
  readonly facts: RunFacts;
}

/** What became of a workload. */
export interface RolledOut {
  readonly workload: ObjectRef;
  /** Something was written. */
  readonly isChanged: boolean;
  /** What the ready workload warns of. */
  readonly warnings: readonly Finding[];
}

/**
 * Waits until a workload is ready, and changes nothing.
 *
 * @throws DeployError `failed` with what keeps it from it, `timeout`.
 */
export async function rolloutStatus(request: RolloutRequest, host: Host, signal: AbortSignal): Promise<RolledOut> {
  return atPlace(request.place, host, signal, async (place) => {
    const workload = await findWorkload(place, request.workload, signal);
    const warnings = await waitFor(workload, { sinceMs: lastWriteMs(workload.live) }, request, place, host, signal);
    return { workload: workload.ref, isChanged: false, warnings };
  });
}

/**
 * Replaces the pods of a workload by new ones, as `kubectl rollout restart` does: by an annotation of its pod template
 * that no manifest has, so that no later deploy takes it back.
 *
 * @throws DeployError `usage` for a paused Deployment, `declined`, `locked`, and as `rolloutStatus`.
 */
export async function restart(request: RolloutChange, host: Host, signal: AbortSignal): Promise<RolledOut> {
  return atPlace(request.place, host, signal, async (place) => {
    const { ref, live } = await findWorkload(place, request.workload, signal);
    if (isPaused(live)) throw noRestart(ref);
    const message = `Restart the ${countOf(podsOf(live), 'pod')} of ${formatRef(ref)} in ${place.cluster.name}?`;
    await agree(message, request, host, signal);
    return changeUnderLock('restart', place, request, host, signal, async (hold) => {
      const sinceMs = place.cluster.now();
      const written = await write(hold, (now) => restartPatch(now, sinceMs));
      return settle(hold, { sinceMs, written }, `${formatRef(ref)} goes on restarting its pods.`);
    });
  });
}

function noRestart(ref: ObjectRef): DeployError {
  return new DeployError('usage', `${formatRef(ref)} is paused: it would start no new pods. Nothing was changed.`, {
    fix: `Let it go on first: oms-deploy rollout resume ${ref.name}.`,
  });
}

/** How many pods there are; a DaemonSet counts them otherwise. */
function podsOf(live: KubernetesObject): number {
  return numberOf(at(live, 'status', 'replicas'), numberOf(at(live, 'status', 'currentNumberScheduled'), 0));
}

/**
 * Keeps changes of a Deployment from starting pods, or lets them: then waits until it is ready. Where it is so already,
 * nothing is written.
 *
 * @throws DeployError `usage` for other kinds, `declined`, `locked`, and as `rolloutStatus`.
 */
export async function setPaused(
  paused: boolean,
  request: RolloutChange,
  host: Host,
  signal: AbortSignal,
): Promise<RolledOut> {
  const verb = paused ? 'pause' : 'resume';
  return atPlace(request.place, host, signal, async (place) => {
    const { ref, live } = await findWorkload(place, request.workload, signal);
    if (ref.kind !== 'Deployment') throw noPause(ref, verb);
    if (isPaused(live) === paused) return { workload: ref, isChanged: false, warnings: [] };
    const message = `${paused ? 'Pause' : 'Resume'} the rollout of ${formatRef(ref)} in ${place.cluster.name}?`;
    await agree(message, request, host, signal);
    return changeUnderLock(verb, place, request, host, signal, async (hold) => {
      const sinceMs = place.cluster.now();
      const written = await write(hold, () => [{ op: 'add', path: '/spec/paused', value: paused }]);
      if (paused) return { workload: ref, isChanged: true, warnings: [] };
      return settle(hold, { sinceMs, written }, `${formatRef(ref)} was resumed; its pods go on starting.`);
    });
  });
}

function noPause(ref: ObjectRef, verb: string): DeployError {
  return new DeployError('usage', `${formatRef(ref)} can't be ${verb}d: only a Deployment can. Nothing was changed.`, {
    fix: 'See what it does: oms-deploy status.',
  });
}

async function atPlace<T>(
  request: PlaceRequest,
  host: Host,
  signal: AbortSignal,
  work: (place: Place) => Promise<T>,
): Promise<T> {
  const place = await openPlace(request, host, signal);
  try {
    return await work(place);
  } finally {
    place.cluster.close();
  }
}

async function agree(message: string, { yes }: RolloutChange, host: Host, signal: AbortSignal): Promise<void> {
  const ask = (): Promise<boolean> => host.confirm({ type: 'confirm', message, flag: '--yes' }, signal);
  if (yes || (await beforeFirstWrite(ask))) return;
  throw new DeployError('declined', 'Nothing was changed.');
}

/** A workload whose application's lock we hold. */
interface Hold {
  readonly workload: Workload;
  readonly lock: Lock;
  readonly place: Place;
  readonly request: RolloutRequest;
  readonly host: Host;
  /** Fires also where the lock is lost. */
  readonly signal: AbortSignal;
}

/** Whoever held the lock before may have changed the workload: it is read anew. */
async function changeUnderLock<T>(
  verb: string,
  place: Place,
  request: RolloutChange,
  host: Host,
  signal: AbortSignal,
  work: (hold: Hold) => Promise<T>,
): Promise<T> {
  const { workload: name, lock: options, facts } = request;
  const action = `rollout ${verb} ${name}`;
  const wanted = { ...options, author: facts.author, action, seen: { isExpired: false } };
  return withLock(place, wanted, host, signal, async (lock, both) => {
    const workload = await beforeFirstWrite(async () => {
      await lock.enter(verb, both);
      return findWorkload(place, name, both);
    });
    return work({ workload, lock, place, request, host, signal: both });
  });
}

async function write(
  { workload: { ref, live }, place: { cluster }, host, signal }: Hold,
  operations: (live: KubernetesObject) => readonly Json[],
): Promise<KubernetesObject> {
  const startedMs = Date.now();
  const patched = await patchLive(ref, live, operations, cluster, signal);
  if (!patched.ok) throw refused(`change ${formatRef(ref)}`, patched.failure);
  host.emit({ type: 'applied', object: ref, op: 'update', elapsedMs: Date.now() - startedMs });
  return patched.object;
}

/** Waits for what was written; `state` says how it was left where that ends early. */
async function settle(
  { workload, lock, place, request, host, signal }: Hold,
  beginning: Beginning,
  state: string,
): Promise<RolledOut> {
  const warnings = await afterChange(state, workloadName(workload.ref), async () => {
    await lock.enter('wait', signal);
    return waitFor(workload, beginning, request, place, host, signal);
  });
  return { workload: workload.ref, isChanged: true, warnings };
}

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

/** Two restarts within one second would be one. */
function restartPatch(live: KubernetesObject, nowMs: number): readonly Json[] {
  const annotations = at(podTemplateOf(live), 'metadata', 'annotations');
  const before = timeMs(at(annotations, restartedAt)) ?? 0;
  const time = new Date(Math.max(nowMs, before + 1000)).toISOString().replace(/\.\d+Z$/, 'Z');
  const path = '/spec/template/metadata/annotations';
  return annotations === undefined
    ? [sameVersion(live), { op: 'add', path, value: { [restartedAt]: time } }]
    : [sameVersion(live), { op: 'add', path: `${path}/${restartedAt.replace('/', '~1')}`, value: time }];
}

/** Since when a workload is judged; and what we have written, where we have. */
interface Beginning {
  readonly sinceMs: number;
  readonly written?: KubernetesObject;
}

async function waitFor(
  { ref, manifest }: Workload,
  { sinceMs, written }: Beginning,
  { timeoutMs, soakMs, tolerateRestarts }: RolloutRequest,
  { cluster }: Place,
  host: Host,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const wait = {
    manifests: [manifest],
    appliedMs: () => sinceMs,
    ...(written === undefined ? {} : { applied: () => written }),
    timeoutMs,
    soakMs,
    tolerateRestarts,
    advice: `Correct the cause, or go back to the version before: oms-deploy rollout undo ${workloadName(ref)}.`,
  };
  return (await waitUntilReady(wait, cluster, host, signal)).warnings;
}

/**
 * Since when its specification is what it is: judged from then on, a rollout that has failed an hour ago is told at once.
 * The controller writes status and the number of its revision behind everybody; an HPA, the scale.
 */
function lastWriteMs(live: KubernetesObject): number {
  const writes = managedFieldsOf(live).filter(
    ({ subresource, fields }) => subresource === '' && hasField(fields, 'f:spec'),
  );
  return Math.max(timeMs(live.metadata.creationTimestamp) ?? 0, ...writes.map(({ raw }) => timeMs(raw.time) ?? 0));
}
