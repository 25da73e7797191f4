import { lastWordsMs } from '../errors.ts';
import { during, type Host } from '../events.ts';
import type { Lock } from '../releases/held-lock.ts';
import { acquireLock, type LockRequest } from '../releases/lock.ts';
import type { Place } from '../releases/place.ts';
import { beforeFirstWrite } from './endings.ts';

/** Work under a lock. Its signal fires also where somebody has taken the lock away. */
type LockedWork<T> = (lock: Lock, signal: AbortSignal) => Promise<T>;

/**
 * Does something under the application's lock, which is given back however it ends.
 *
 * @throws DeployError `locked`; `failed` where the lock was taken away meanwhile; else what the work throws.
 */
export async function withLock<T>(
  place: Place,
  request: LockRequest,
  host: Host,
  signal: AbortSignal,
  work: LockedWork<T>,
): Promise<T> {
  const lock = await beforeFirstWrite(() =>
    during('Taking the lock', host, () => acquireLock(place, request, host, signal)),
  );
  try {
    return await work(lock, AbortSignal.any([signal, lock.lost]));
  } catch (error) {
    throw lock.lost.aborted && !signal.aborted ? await lock.whyLost(AbortSignal.timeout(lastWordsMs)) : error;
  } finally {
    await lock.release(AbortSignal.timeout(lastWordsMs));
  }
}
