import { DeployError, restated } from '../errors.ts';

/** How a release that ended badly was left. */
export interface BadEnding {
  readonly number: number;
  /** What was done before it ended. */
  readonly state: string;
  /** The last good release before it. */
  readonly previous: number | undefined;
}

/** Who stops at the question wants to know that it was in time. */
export async function beforeFirstWrite<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'interrupted') throw error;
    throw new DeployError('interrupted', 'Interrupted. Nothing was changed.', { cause: error });
  }
}

/**
 * The error of a release with how things were left and the ways on. After the first write a cluster that refuses or goes
 * away no longer means that nothing was changed.
 */
export function afterFirstWrite(error: unknown, { number, state, previous }: BadEnding): unknown {
  if (!(error instanceof DeployError)) return error;
  const again = 'Run the same command again: it goes on where this one ended.';
  const back = previous === undefined ? '' : `Or go back to release ${previous}: oms-deploy rollback ${previous}.`;
  if (error.code === 'interrupted') {
    return new DeployError('interrupted', `Interrupted. ${state}`, {
      why: `Release ${number} is recorded as interrupted; the lock was given back.`,
      fix: sentences(again, back),
      cause: error,
    });
  }
  const { message, findings, why, fix } = error;
  const recorded = `Release ${number} is recorded as failed; the lock was given back.`;
  if (error.code !== 'refused') {
    return restated(error, { why: sentences(why, recorded), fix: sentences(fix, back) });
  }
  return new DeployError('failed', message, {
    why: sentences(why, state, recorded),
    fix: sentences(fix, `Then run the same command again: it goes on where this one ended.`, back),
    findings,
    cause: error,
  });
}

/** The error of what comes after a release was recorded as deployed: it doesn't undo that. */
export function afterDeployed(error: unknown, number: number): unknown {
  if (!(error instanceof DeployError)) return error;
  const deployed = `Release ${number} is deployed all the same: everything is ready.`;
  return restated(error, { why: sentences(error.why, deployed) });
}

/** The error of a wait for what one command has changed in a workload: it goes on without us. */
export async function afterChange<T>(state: string, workload: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    const { message, why, findings } = error;
    const fix = `See how it goes: oms-deploy rollout status ${workload}.`;
    if (error.code === 'interrupted') {
      throw new DeployError('interrupted', `Interrupted. ${state}`, {
        why: 'The lock was given back.',
        fix,
        cause: error,
      });
    }
    // "Nothing was changed" doesn't hold any more.
    if (error.code !== 'refused') throw error;
    throw new DeployError('failed', message, { why: sentences(why, state), fix, findings, cause: error });
  }
}

function sentences(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}
