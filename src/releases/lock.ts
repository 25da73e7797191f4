import { randomBytes } from 'node:crypto';
import { refused } from '../cluster/errors.ts';
import { pause } from '../cluster/retry.ts';
import { DeployError, lastWordsAfter } from '../errors.ts';
import type { Host } from '../events.ts';
import { formatSpan } from '../model/age.ts';
import { at, numberOf } from '../model/json.ts';
import { formatRef, type KubernetesObject } from '../model/object.ts';
import type { Author } from '../model/release.ts';
import { hold, type Lock } from './held-lock.ts';
import {
  formatHolder,
  holderAnnotation,
  type LockHolder,
  type LockState,
  microTime,
  released,
  stateOf,
} from './lease.ts';
import { leaseRef, type Place } from './place.ts';

export interface LockRequest {
  readonly author: Author;
  readonly action: string;
  /** For so long a holder that has died keeps others out. */
  readonly durationMs: number;
  /** For so long a living one is waited for. */
  readonly timeoutMs: number;
  /** The lock as it was when the plan was made: see Lock.isFresh. */
  readonly seen: LockState;
}

const pollMs = 500;

/**
 * Takes the lock. A holder that has died is waited out and taken over; a living one is waited for as long as asked.
 *
 * @throws DeployError `locked` with its holder, `refused` where the Lease can't be written.
 */
export async function acquireLock(place: Place, request: LockRequest, host: Host, signal: AbortSignal): Promise<Lock> {
  const identity = `${request.author.user}@${request.author.host} ${randomBytes(4).toString('hex')}`;
  const startedMs = performance.now();
  let firstRenewedMs: number | undefined;
  let isSaid = false;
  // Where none was there a moment ago it is made at once: somebody who was faster is told by the refusal.
  let isKnown = request.seen.version === undefined;
  for (;;) {
    const lease = isKnown ? undefined : await place.cluster.get(leaseRef(place), signal);
    isKnown = false;
    const state = stateOf(lease, place.cluster.now());
    const isOurs = at(lease, 'spec', 'holderIdentity') === identity;
    if (state.holder === undefined || state.isExpired || isOurs) {
      // Interrupted halfway, it could be ours without our knowing it, and nobody would give it back.
      const taken = isOurs ? lease : await take(place, lease, identity, request, lastWordsAfter(signal));
      if (taken !== undefined) {
        const isFresh = state.holder === undefined && state.version === request.seen.version;
        if (state.holder !== undefined && !isOurs) sayTakenOver(state.holder, place, host);
        return hold(place, taken, isFresh, request.durationMs, host);
      }
      continue;
    }
    firstRenewedMs ??= state.renewedMs;
    const lives = state.renewedMs !== firstRenewedMs;
    const waitedMs = performance.now() - startedMs;
    if (lives && waitedMs >= request.timeoutMs) throw locked(state.holder, place, request);
    if (!isSaid) {
      const message = `Waiting for the lock: ${formatHolder(state.holder, place.cluster.now())}.`;
      host.emit({ type: 'step', name: 'lock', message });
    }
    isSaid = true;
    await pause(pollMs, signal);
  }
}

function sayTakenOver(holder: LockHolder, { cluster }: Place, host: Host): void {
  const message = `Took over the lock of a run that has died: ${formatHolder(holder, cluster.now())}.`;
  host.emit({ type: 'step', name: 'lock', message });
}

function locked(holder: LockHolder, { application, cluster }: Place, { timeoutMs }: LockRequest): DeployError {
  const waited = timeoutMs === 0 ? '' : ` Waited ${formatSpan(timeoutMs)}.`;
  return new DeployError('locked', `${application} is being deployed by somebody else. Nothing was changed.`, {
    why: `Held by ${formatHolder(holder, cluster.now())}.${waited}`,
    fix: 'Wait for it: --lock-timeout 10m. If that run hangs: oms-deploy unlock.',
  });
}

/** Writes our name into the Lease; undefined where somebody was faster. */
async function take(
  place: Place,
  lease: KubernetesObject | undefined,
  identity: string,
  { author, action, durationMs }: LockRequest,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const { cluster } = place;
  const now = microTime(cluster.now());
  const { apiVersion, kind, name, namespace = '' } = leaseRef(place);
  const transitions = numberOf(at(lease, 'spec', 'leaseTransitions'), 0);
  const holder: LockHolder = { author, action, since: now, phase: 'begin' };
  const wanted: KubernetesObject = {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      ...(lease?.metadata.resourceVersion === undefined ? {} : { resourceVersion: lease.metadata.resourceVersion }),
      labels: { 'oms-deploy.io/application': place.application },
      annotations: { [holderAnnotation]: JSON.stringify(holder) },
    },
    spec: {
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1000)),
      acquireTime: now,
      renewTime: now,
      leaseTransitions: lease === undefined ? 0 : transitions + 1,
    },
  };
  const answer = lease === undefined ? await cluster.create(wanted, signal) : await cluster.replace(wanted, signal);
  if (answer.ok) return answer.object;
  // Taken, or given up by a deletion: look again.
  if (answer.failure.status === 409 || answer.failure.status === 404) {
    if (answer.failure.message.includes('because it is being terminated'))
      throw refused('take the lock', answer.failure);
    return undefined;
  }
  throw refused(`take the lock (${formatRef(leaseRef(place))})`, answer.failure);
}

/** Takes a lock away from who holds it: that run stops at its next step. False where nobody held it. */
export async function breakLock(place: Place, signal: AbortSignal): Promise<boolean> {
  const lease = await place.cluster.get(leaseRef(place), signal);
  if (lease === undefined || stateOf(lease, 0).holder === undefined) return false;
  const answer = await place.cluster.replace(released(lease, place.cluster.now()), signal);
  if (!answer.ok) throw refused(`unlock (${formatRef(leaseRef(place))})`, answer.failure);
  return true;
}
