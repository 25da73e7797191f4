import { isForbidden } from '../cluster/errors.ts';
import { DeployError } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import type { Release, ReleaseSummary } from '../model/release.ts';
import { type LockState, readLock } from '../releases/lease.ts';
import type { Place } from '../releases/place.ts';
import { listReleases, readWholeOrDamage } from '../releases/read-records.ts';

/** What is known of an application's earlier releases when a plan is made. */
export interface Ledger {
  /** The newest first. */
  readonly releases: readonly ReleaseSummary[];
  /** The newest one, it knows all that may have to be pruned; without its secrets where they can't be opened. */
  readonly latest?: Release;
  readonly lock: LockState;
  /** What is wrong with the records. */
  readonly findings: readonly Finding[];
}

/** A place where nothing has been deployed yet. */
export const emptyLedger: Ledger = { releases: [], lock: { isExpired: false }, findings: [] };

/**
 * Reads the ledger.
 *
 * @throws DeployError `refused`: without it nothing can be deployed, since nothing could be written down.
 */
export async function readLedger(place: Place, signal: AbortSignal): Promise<Ledger> {
  try {
    return await read(place, signal);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw new DeployError('refused', `${error.message.replace(/\.$/, '')}: the records of the releases are there.`, {
      why: error.why ?? '',
      fix: `Ask for the rights to get, list, create, patch and delete Secrets and to get, create and update Leases in ${place.namespace}, or use another identity.`,
      cause: error,
    });
  }
}

async function read(place: Place, signal: AbortSignal): Promise<Ledger> {
  // At once, but of two refusals always the same one is told.
  const locked = readLock(place, signal);
  locked.catch(() => undefined);
  const releases = await listReleases(place, signal);
  const lock = await locked;
  const [newest] = releases;
  const latest = newest === undefined ? undefined : await readWholeOrDamage(place, newest.number, signal);
  if (newest === undefined || latest === undefined) return { releases, lock, findings: [] };
  if ('damage' in latest) return { releases, lock, findings: [damaged(newest.number, latest.damage)] };
  return { releases, lock, latest, findings: [] };
}

/** A deploy can do without: only what has left the manifests isn't known. */
function damaged(number: number, why: string): Finding {
  return {
    id: 'release/unreadable',
    severity: 'warning',
    cause: `The record of release ${number} can't be read: nothing is pruned, and what was changed by hand isn't known.`,
    evidence: [why],
    fix: 'Go on: this deploy makes a new record. What had left the manifests stays until it is deleted by hand.',
  };
}

/** The number of the release that comes next. */
export function nextNumber({ releases }: Ledger): number {
  return (releases[0]?.number ?? 0) + 1;
}

/** The newest release before this one that everything was well with; undefined where there is none. */
export function lastDeployed({ releases }: Ledger, before: number): number | undefined {
  return releases.find(({ number, status }) => status === 'deployed' && number < before)?.number;
}
