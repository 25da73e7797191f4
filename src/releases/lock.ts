import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { refused } from '../cluster/errors.ts';
import { DeployError, interrupted, lastWordsAfter } from '../errors.ts';
import type { Host } from '../events.ts';
import { formatSpan } from '../model/age.ts';
import { at, isObject, numberOf, stringOf } from '../model/json.ts';
import { formatRef, type KubernetesObject } from '../model/object.ts';
import type { Author } from '../model/release.ts';
import { timeMs } from '../model/world.ts';
import { leaseRef, type Place } from './place.ts';

const holderAnnotation = 'oms-deploy.io/holder';

/** Who holds a lock, as it is written into the Lease and shown to who has to wait. */
export interface LockHolder {
  readonly author: Author;
  /** `up`, `rollback to 3`. */
  readonly action: string;
  /** ISO 8601. */
  readonly since: string;
  /** What it is doing: `wave workloads`. */
  readonly phase: string;
}

/** A lock as it was read: who holds it, if anybody. */
export interface LockState {
  /** Of the Lease; absent where there is none. */
  readonly version?: string;
  readonly holder?: LockHolder;
  /** The holder has not renewed it for its whole duration: it is dead. */
  readonly isExpired: boolean;
  readonly renewedMs?: number;
}

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

/** A lock that we hold. It is renewed until it is released. */
export interface Lock {
  /** Nobody has held it since it was seen, so nobody has deployed meanwhile. */
  readonly isFresh: boolean;
  /** Aborted where somebody else has taken it: then stop. */
  readonly lost: AbortSignal;
  /**
   * Says what is being done, and makes sure that the lock is still ours.
   *
   * @throws DeployError `failed` where it isn't.
   */
  enter(phase: string, signal: AbortSignal): Promise<void>;
  /** Who has taken it, as the error to end with. */
  whyLost(signal: AbortSignal): Promise<DeployError>;
  /** Gives it back. It never fails: at worst the lock expires. */
  release(signal: AbortSignal): Promise<void>;
  /**
   * Deletes the Lease itself, while it is still ours: for when nothing is left that it could guard.
   *
   * @throws DeployError `refused` where it may not be deleted.
   */
  dissolve(signal: AbortSignal): Promise<void>;
}

/** Reads a lock, without taking it. */
export async function readLock(place: Place, signal: AbortSignal): Promise<LockState> {
  return stateOf(await place.cluster.get(leaseRef(place), signal), place.cluster.now());
}

function stateOf(lease: KubernetesObject | undefined, nowMs: number): LockState {
  const version = lease?.metadata.resourceVersion;
  const identity = stringOf(at(lease, 'spec', 'holderIdentity')) ?? '';
  if (lease === undefined || version === undefined) return { isExpired: false };
  if (identity === '') return { version, isExpired: false };
  const renewedMs = timeMs(at(lease, 'spec', 'renewTime')) ?? 0;
  const durationMs = numberOf(at(lease, 'spec', 'leaseDurationSeconds'), 0) * 1000;
  // The clock that we read it by is exact to a second.
  const isExpired = nowMs - renewedMs > durationMs + 1000;
  return { version, holder: holderOf(lease, identity), isExpired, renewedMs };
}

function holderOf(lease: KubernetesObject, identity: string): LockHolder {
  try {
    const value: unknown = JSON.parse(lease.metadata.annotations?.[holderAnnotation] ?? '');
    if (isHolder(value)) return value;
  } catch {
    // Somebody has written the Lease by hand: its identity is all there is.
  }
  const since = stringOf(at(lease, 'spec', 'acquireTime')) ?? '';
  return { author: { user: identity, host: '' }, action: 'a deploy', since, phase: '' };
}

function isHolder(value: unknown): value is LockHolder {
  const texts = ['action', 'since', 'phase'];
  return isObject(value) && isObject(value.author) && texts.every((name) => typeof value[name] === 'string');
}

/** `kim@laptop (up, wave workloads), for 3 min`. */
export function formatHolder({ author, action, since, phase }: LockHolder, nowMs: number): string {
  const { user, host, url } = author;
  const who = url ?? (host === '' ? user : `${user}@${host}`);
  const sinceMs = timeMs(since);
  const age = sinceMs === undefined ? '' : `, for ${formatSpan(Math.max(0, nowMs - sinceMs))}`;
  return `${who} (${[action, phase].filter((word) => word !== '').join(', ')})${age}`;
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
  for (;;) {
    const lease = await place.cluster.get(leaseRef(place), signal);
    const state = stateOf(lease, place.cluster.now());
    const isOurs = at(lease, 'spec', 'holderIdentity') === identity;
    if (state.holder === undefined || state.isExpired || isOurs) {
      // Interrupted halfway, it could be ours without our knowing it, and nobody would give it back.
      const taken = isOurs ? lease : await take(place, lease, identity, request, lastWordsAfter(signal));
      if (taken !== undefined) {
        const isFresh = state.holder === undefined && state.version === request.seen.version;
        if (state.holder !== undefined && !isOurs) sayTakenOver(state.holder, place, host);
        return hold(place, taken, isFresh, request, host);
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
    await delay(pollMs, undefined, { signal }).catch(() => {
      throw interrupted();
    });
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

function hold(place: Place, taken: KubernetesObject, isFresh: boolean, request: LockRequest, host: Host): Lock {
  const { cluster } = place;
  const lost = new AbortController();
  const stop = new AbortController();
  let lease = taken;
  let phase = 'begin';
  let last: Promise<void> = Promise.resolve();
  let isDissolved = false;
  const identity = at(taken, 'spec', 'holderIdentity');

  /** One write of the Lease, as it is now; false where it isn't ours any more. */
  const write = async (
    change: (lease: KubernetesObject) => KubernetesObject,
    signal: AbortSignal,
  ): Promise<boolean> => {
    for (;;) {
      const answer = await cluster.replace(change(lease), signal);
      if (answer.ok) {
        lease = answer.object;
        return true;
      }
      if (answer.failure.status !== 409 && answer.failure.status !== 404)
        throw refused('renew the lock', answer.failure);
      const live = await cluster.get(leaseRef(place), signal);
      if (live === undefined || at(live, 'spec', 'holderIdentity') !== identity) return false;
      lease = live;
    }
  };
  const renew = async (signal: AbortSignal): Promise<void> => {
    if (lost.signal.aborted || (await write((now) => renewed(now, phase, cluster.now()), signal))) return;
    lost.abort();
  };
  /** Never two writes at once: the second would meet the version of the first. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
  const keep = async (): Promise<void> => {
    for (;;) {
      await delay(request.durationMs / 3, undefined, { signal: stop.signal, ref: false });
      // A cluster that can't be reached is no loss: `enter` asks before anything is written.
      await inTurn(() => renew(stop.signal)).catch((error: unknown) => {
        if (!stop.signal.aborted) host.emit({ type: 'detail', message: `The lock was not renewed: ${String(error)}` });
      });
    }
  };
  keep().catch(() => undefined);

  return {
    isFresh,
    lost: lost.signal,
    async enter(next, signal) {
      phase = next;
      await inTurn(() => renew(signal));
      if (lost.signal.aborted) throw await takenAway(place, signal);
    },
    whyLost: (signal) => takenAway(place, signal),
    async release(signal) {
      stop.abort();
      await inTurn(async () => {
        if (!lost.signal.aborted && !isDissolved) await write((now) => released(now, cluster.now()), signal);
      }).catch((error: unknown) => {
        host.emit({ type: 'detail', message: `The lock was not given back, it expires: ${String(error)}` });
      });
    },
    async dissolve(signal) {
      stop.abort();
      await inTurn(async () => {
        for (;;) {
          const { uid = '', resourceVersion: version = '' } = lease.metadata;
          const removed = await cluster.remove(leaseRef(place), { uid, version }, signal);
          isDissolved = removed.ok;
          if (removed.ok) return;
          if (removed.failure.status !== 409)
            throw refused(`delete the lock (${formatRef(leaseRef(place))})`, removed.failure);
          // A renewal that was cut short has changed it; or somebody has taken it, and it is theirs.
          const live = await cluster.get(leaseRef(place), signal);
          if (live === undefined || at(live, 'spec', 'holderIdentity') !== identity) return;
          lease = live;
        }
      });
    },
  };
}

async function takenAway(place: Place, signal: AbortSignal): Promise<DeployError> {
  const { holder } = await readLock(place, signal);
  const by = holder === undefined ? 'somebody' : formatHolder(holder, place.cluster.now());
  return new DeployError('failed', `The lock was taken away from this run by ${by}.`, {
    why: 'It stopped at once. Part of the plan may have been applied.',
    fix: 'Let the other run end, then run the same command again.',
  });
}

function renewed(lease: KubernetesObject, phase: string, nowMs: number): KubernetesObject {
  const holder = JSON.stringify({ ...holderOf(lease, ''), phase });
  const annotations = { ...lease.metadata.annotations, [holderAnnotation]: holder };
  return withSpec({ ...lease, metadata: { ...lease.metadata, annotations } }, { renewTime: microTime(nowMs) });
}

function released(lease: KubernetesObject, nowMs: number): KubernetesObject {
  return withSpec(lease, { holderIdentity: '', renewTime: microTime(nowMs) });
}

function withSpec(lease: KubernetesObject, change: Readonly<Record<string, string>>): KubernetesObject {
  const spec = isObject(lease.spec) ? lease.spec : {};
  return { ...lease, spec: { ...spec, ...change } };
}

/** `metav1.MicroTime`. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

/** Takes a lock away from who holds it: that run stops at its next step. False where nobody held it. */
export async function breakLock(place: Place, signal: AbortSignal): Promise<boolean> {
  const lease = await place.cluster.get(leaseRef(place), signal);
  if (lease === undefined || stateOf(lease, 0).holder === undefined) return false;
  const answer = await place.cluster.replace(released(lease, place.cluster.now()), signal);
  if (!answer.ok) throw refused(`unlock (${formatRef(leaseRef(place))})`, answer.failure);
  return true;
}
