import { isDeepStrictEqual } from 'node:util';
import { DeployError, isFailure } from '../errors.ts';
import type { Host } from '../events.ts';
import { refKey } from '../model/object.ts';
import { type Change, changesOf, countChanges, type Plan } from '../model/plan.ts';
import { goalOf } from '../model/release.ts';
import type { Lock } from '../releases/held-lock.ts';
import type { LockRequest } from '../releases/lock.ts';
import { beforeFirstWrite } from './endings.ts';
import type { Planned } from './planned.ts';
import { type Deployed, placeOf, type RunOptions, runRelease, waitOnly } from './run-release.ts';
import { withLock } from './with-lock.ts';

/** How long a lock lasts and is waited for, in milliseconds. */
export interface LockOptions {
  /** After this time without renewal its holder counts as dead. */
  readonly durationMs: number;
  /** So long a living holder is waited for. */
  readonly timeoutMs: number;
}

export interface CarryOutOptions extends RunOptions {
  /** Don't ask before changing something. */
  readonly yes: boolean;
  readonly lock: LockOptions;
  /** Called under the same lock where a release has failed; it throws, at last. */
  readonly onFailure?: (error: DeployError, failed: Planned, lock: Lock, signal: AbortSignal) => Promise<never>;
}

/**
 * Carries out a plan: confirm -> lock -> record -> apply -> wait -> prune. One way for every command that deploys. Until
 * the confirmation nothing in the cluster changes; after it, an error says how things were left.
 *
 * @throws DeployError `declined`, `locked`, or what `runRelease` throws.
 */
export async function carryOut(
  planned: Planned,
  options: CarryOutOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Deployed> {
  const { plan } = planned;
  host.emit({ type: 'plan', plan, isResult: false });
  if (plan.release === undefined) return beforeFirstWrite(() => waitOnly(planned, options, host, signal));
  // The record names it; git may take a while, in which others ask and answer.
  planned.desired.commit(signal).catch(() => undefined);
  await beforeFirstWrite(() => confirm(planned, options.yes, host, signal));
  await makeNamespace(planned, signal);
  return withLock(placeOf(planned), lockRequest(planned, options), host, signal, async (lock, both) => {
    const current = lock.isFresh ? planned : await beforeFirstWrite(() => planAgain(planned, options, host, both));
    // Who had the lock before has done all that was left to do.
    if (current.plan.release === undefined) {
      return await beforeFirstWrite(() => waitOnly(current, options, host, both));
    }
    try {
      return await runRelease(current, lock, options, host, both);
    } catch (error) {
      if (!isFailure(error) || lock.lost.aborted || options.onFailure === undefined) throw error;
      return await options.onFailure(error, current, lock, both);
    }
  });
}

async function confirm({ plan, desired }: Planned, yes: boolean, host: Host, signal: AbortSignal): Promise<void> {
  const { created, updated, deleted } = countChanges(plan);
  const total = created + updated + deleted;
  if (yes || total === 0) return;
  const deletes = deleted === 0 ? '' : ` (${deleted} of them ${deleted === 1 ? 'deletes' : 'delete'} an object)`;
  const what = total === 1 ? 'this change' : `these ${total} changes`;
  const goal = goalOf(desired.action);
  const apply = goal === undefined ? 'Apply' : `Go back to release ${goal}: apply`;
  const message = `${apply} ${what}${deletes} to ${plan.target.cluster}?`;
  const agreed = await host.confirm({ type: 'confirm', message, flag: '--yes' }, signal);
  if (!agreed) throw new DeployError('declined', 'Nothing was changed.');
}

/** The lock lives in the namespace: this one object comes before it. */
async function makeNamespace({ plan, cluster }: Planned, signal: AbortSignal): Promise<void> {
  const { namespace, namespaceState } = plan.target;
  if (namespaceState !== 'missing') return;
  const own = changesOf(plan).find(({ manifest: { ref } }) => ref.kind === 'Namespace' && ref.name === namespace);
  // A refusal is told by the wave, where every object is applied.
  if (own !== undefined) await cluster.apply(own.manifest.body, { dryRun: false, force: false }, signal);
}

function lockRequest({ desired, ledger }: Planned, { lock, facts }: CarryOutOptions): LockRequest {
  return { ...lock, author: facts.author, action: desired.action, seen: ledger.lock };
}

/** Somebody has deployed, or has tried to, since the plan was made: it is made anew, and agreed to anew if it differs. */
async function planAgain(
  planned: Planned,
  options: CarryOutOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Planned> {
  const now = await planned.again(signal);
  if (isDeepStrictEqual(outline(now.plan), outline(planned.plan))) return now;
  host.emit({ type: 'step', name: 'plan', message: 'Somebody has deployed meanwhile. The plan is now:' });
  host.emit({ type: 'plan', plan: now.plan, isResult: false });
  await confirm(now, options.yes, host, signal);
  return now;
}

/** What was agreed to: which object is changed how. */
function outline(plan: Plan): unknown {
  const shown = changesOf(plan).filter(({ op, manifest: { ref } }) => op !== 'unchanged' && ref.kind !== 'Namespace');
  return shown.map(({ op, manifest, fields }: Change) => [op, refKey(manifest.ref), fields]);
}
