import { setTimeout as delay } from 'node:timers/promises';
import { refused } from '../cluster/errors.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { at } from '../model/json.ts';
import { formatRef, type KubernetesObject } from '../model/object.ts';
import { formatHolder, readLock, released, renewed } from './lease.ts';
import { leaseRef, type Place } from './place.ts';

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

/** Holds the lock whose Lease was just taken: renews it until it is given back. */
export function hold(place: Place, taken: KubernetesObject, isFresh: boolean, durationMs: number, host: Host): Lock {
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
      await delay(durationMs / 3, undefined, { signal: stop.signal, ref: false });
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
