import { DeployError, restated } from '../errors.ts';
import type { Host } from '../events.ts';
import { formatRef, refKey } from '../model/object.ts';
import { changesOf } from '../model/plan.ts';
import type { Lock } from '../releases/held-lock.ts';
import { lastDeployed } from './ledger.ts';
import type { PlanOptions } from './plan-view.ts';
import type { Planned } from './planned.ts';
import { createdBy, planRollback } from './rollback.ts';
import { placeOf, type RunOptions, runRelease } from './run-release.ts';

/** A release that has failed, with the lock that is still held. */
export interface Failure {
  readonly error: DeployError;
  readonly failed: Planned;
  readonly lock: Lock;
}

/**
 * `--rollback-on-failure`: goes back to the last good release. It deletes nothing but what the failed one created.
 *
 * @throws DeployError always: the failure with what became of it; where the rollback fails, too, both.
 */
export async function rollBackFailed(
  { error, failed, lock }: Failure,
  options: RunOptions & PlanOptions,
  host: Host,
  signal: AbortSignal,
): Promise<never> {
  const number = failed.plan.release ?? 1;
  const to = lastDeployed(failed.ledger, number);
  if (to === undefined) throw withoutRollback(error);
  // The cards come at the end, where they are looked for; who watches learns why already now.
  const why = error.findings.map(({ cause }) => ` ${cause}`).join('');
  host.emit({ type: 'step', name: 'rollback', message: `${error.message}${why} Going back to release ${to}.` });
  const created = createdBy(failed);
  const prune = { ...options.prune, only: (ref: Parameters<typeof refKey>[0]) => created.has(refKey(ref)) };
  let planned: Planned;
  try {
    // What would only warn of a way back must not bar it: it is tried.
    const back = { forceConflicts: options.forceConflicts, prune, to, restoreSecrets: false };
    planned = await planRollback(placeOf(failed), back, host, signal);
    host.emit({ type: 'plan', plan: planned.plan, isResult: false });
    await runRelease(planned, lock, options, host, signal);
  } catch (second) {
    throw second instanceof DeployError && second.code !== 'interrupted' ? bothFailed(error, second, number) : second;
  }
  throw rolledBack(error, planned, to);
}

function withoutRollback(error: DeployError): DeployError {
  const none = 'Nothing was rolled back: no release before it was deployed well.';
  return restated(error, { why: error.why === undefined ? none : `${error.why} ${none}` });
}

function rolledBack(error: DeployError, { plan }: Planned, to: number): DeployError {
  const gone = changesOf(plan).filter(({ op }) => op === 'delete');
  const deleted = gone.map(({ manifest: { ref } }) => formatRef(ref)).join(', ');
  const deletions =
    gone.length === 0 ? 'Nothing was deleted.' : `Deleted, because the failed one created them: ${deleted}.`;
  return restated(error, {
    why: `Rolled back to release ${to} (as release ${plan.release ?? ''}): everything is ready. ${deletions}`,
    fix: 'Correct the cause, then run the same command again.',
  });
}

/** Two failures, told in their order: the second is often the first one's echo. */
export function bothFailed(first: DeployError, second: DeployError, number: number): DeployError {
  return new DeployError(second.code, `The rollback failed, too. ${second.message}`, {
    why: [`Release ${number} had failed before: ${first.message}`, second.why].filter(Boolean).join(' '),
    ...(second.fix === undefined ? {} : { fix: second.fix }),
    findings: [...first.findings, ...second.findings],
    cause: second,
  });
}
