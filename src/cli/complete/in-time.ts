/** Who types waits no longer than this for a cluster, in ms. */
const clusterLimitMs = 1_500;

/** What is asked for, by default of a cluster; undefined where that fails or takes too long: nothing is waited for after that. */
export async function inTime<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  limitMs = clusterLimitMs,
): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), limitMs));
  const answer = ask(AbortSignal.timeout(limitMs)).catch(() => undefined);
  return Promise.race([answer, late]);
}
