import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { formatSpan } from '../model/age.ts';
import { formatHolder, readLock } from '../releases/lease.ts';
import { breakLock } from '../releases/lock.ts';
import { listReleases } from '../releases/read-records.ts';
import { abandonRelease } from '../releases/write-records.ts';
import { openPlace, type PlaceRequest } from './open-place.ts';

/** What `unlock` found: the lock was free, or whom it was taken from, and the releases that they left open. */
export type Unlocked =
  | { readonly wasHeld: false }
  | { readonly wasHeld: true; readonly holder: string; readonly interrupted: readonly number[] };

/**
 * Takes the lock away from a run that hangs. That run stops at its next step.
 *
 * @throws DeployError `declined`; `usage` where nobody can be asked and `yes` isn't given.
 */
export async function unlock(
  request: { readonly place: PlaceRequest; readonly yes: boolean },
  host: Host,
  signal: AbortSignal,
): Promise<Unlocked> {
  const place = await openPlace(request.place, host, signal);
  const { cluster, application, namespace } = place;
  try {
    const { holder, isExpired, renewedMs = 0 } = await readLock(place, signal);
    if (holder === undefined) return { wasHeld: false };
    const shown = formatHolder(holder, cluster.now());
    const age = formatSpan(cluster.now() - renewedMs);
    const state = isExpired
      ? `it has not been renewed for ${age}, so that run is dead`
      : `it was renewed ${age} ago, so that run lives and will be stopped`;
    host.emit({
      type: 'step',
      name: 'lock',
      message: `The lock of ${application} in ${namespace} is held by ${shown}; ${state}.`,
    });
    if (!request.yes) {
      const message = `Take it away from ${holder.author.user}@${holder.author.host}?`;
      const agreed = await host.confirm({ type: 'confirm', message, flag: '--yes' }, signal);
      if (!agreed) throw new DeployError('declined', 'Nothing was changed.');
    }
    await breakLock(place, signal);
    const open = (await listReleases(place, signal)).filter(({ status }) => status === 'deploying');
    const abandoned = await Promise.all(open.map((summary) => abandonRelease(place, summary, signal)));
    const interrupted = open.filter((_, index) => abandoned[index] === true).map(({ number }) => number);
    return { wasHeld: true, holder: shown, interrupted };
  } finally {
    cluster.close();
  }
}
