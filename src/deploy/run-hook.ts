import type { Cluster } from '../cluster/cluster.ts';
import { refused } from '../cluster/errors.ts';
import { pause } from '../cluster/retry.ts';
import { DeployError, isFailure } from '../errors.ts';
import { during } from '../events.ts';
import type { Hook } from '../model/hook.ts';
import { formatRef, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import type { Change } from '../model/plan.ts';
import type { Limit, Waits } from './gate.ts';
import { canGoOn } from './hooks.ts';
import { refusalFindings } from './refusals.ts';
import { waitUntilReady } from './wait.ts';

/**
 * Runs the Job of a hook to its end, in place of the one before. One that runs already, as this very one, is waited for: a
 * deploy that was killed goes on there.
 *
 * @throws DeployError `failed` or `timeout` where the Job doesn't complete.
 */
export async function runHook(
  change: Change,
  hook: Hook,
  { patience, limit, cluster, host }: Waits,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const startedMs = performance.now();
  const { manifest } = change;
  const { ref } = manifest;
  const now = await cluster.get(ref, signal);
  let job = now;
  if (now === undefined || !canGoOn(change, now)) {
    if (now !== undefined) {
      await during(`Waiting until ${formatRef(ref)} of the run before is gone`, host, () =>
        limit.spend(() => removeAndWait(ref, now, limit, cluster, signal)),
      );
    }
    const applied = await cluster.apply(manifest.body, { dryRun: false, force: false }, signal);
    if (!applied.ok) {
      throw new DeployError('failed', `The cluster refused ${formatRef(ref)}, which runs ${hook.run} the workloads.`, {
        fix: 'Correct it and run the same command again.',
        findings: refusalFindings(manifest, applied.failure),
      });
    }
    job = applied.object;
    host.emit({ type: 'applied', object: ref, op: change.op, elapsedMs: performance.now() - startedMs });
  }
  const sinceMs = cluster.now();
  const request = { ...patience, manifests: [manifest], appliedMs: () => sinceMs, applied: () => job };
  try {
    await limit.spend(() => waitUntilReady({ ...request, timeoutMs: limit.leftMs() }, cluster, host, signal));
  } catch (error) {
    throw isFailure(error) ? hookFailed(error, ref, hook) : error;
  }
  if (hook.delete === 'on-success') {
    await remove(ref, job, 'Background', cluster, signal);
    host.emit({ type: 'applied', object: ref, op: 'delete', elapsedMs: performance.now() - startedMs });
  }
  return job ?? manifest.body;
}

async function remove(
  ref: ObjectRef,
  job: KubernetesObject | undefined,
  propagation: 'Foreground' | 'Background',
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const removed = await cluster.remove(ref, { uid: job?.metadata.uid ?? '', propagation }, signal);
  // Who has made it anew meanwhile has deleted it.
  if (!removed.ok && removed.failure.status !== 409) throw refused(`delete ${formatRef(ref)}`, removed.failure);
}

const pollMs = 250;

/** The pods of the Job before are gone, too: two migrations at a time would be worse than none. */
async function removeAndWait(
  ref: ObjectRef,
  job: KubernetesObject,
  limit: Limit,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = performance.now();
  const leftMs = limit.leftMs();
  await remove(ref, job, 'Foreground', cluster, signal);
  for (;;) {
    const current = await cluster.get(ref, signal);
    if (current === undefined || current.metadata.uid !== job.metadata.uid) return;
    if (performance.now() - startedMs > leftMs) {
      throw new DeployError('timeout', `${formatRef(ref)} of the run before is still being deleted.`, {
        why: 'It goes once its pods have ended and its finalizers are gone.',
        fix: `See what holds it: kubectl get job ${ref.name} -o yaml. Then run the same command again.`,
      });
    }
    await pause(pollMs, signal);
  }
}

/** The error of a Job in the words of a hook: it runs anew by itself. */
function hookFailed(error: DeployError, ref: ObjectRef, hook: Hook): DeployError {
  const how = error.code === 'timeout' ? 'did not end in time' : 'failed';
  const state =
    hook.run === 'before'
      ? 'The workloads were not touched: what they read was applied before.'
      : 'Everything else was applied and is ready; nothing was deleted.';
  const fix = 'Correct the cause, then run the same command again: the Job runs anew.';
  const findings = error.findings.map((finding) =>
    finding.id === 'job/failed'
      ? { ...finding, fix: `Read the last lines of its log, correct the cause and run the same command again.` }
      : finding,
  );
  const message = `${formatRef(ref)}, which runs ${hook.run} the workloads, ${how}.`;
  return new DeployError(error.code, message, { why: state, fix, findings, cause: error });
}
