/** Who types waits no longer than this for a cluster, in ms. */
const clusterLimitMs = 1_500;

/** What is asked of a cluster, or undefined where that fails or takes too long: nothing is waited for after that. */
export async function inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), clusterLimitMs));
  const answer = ask(AbortSignal.timeout(clusterLimitMs)).catch(() => undefined);
  return Promise.race([answer, late]);
}
