import type { Cluster } from '../../cluster/cluster.ts';
import { refused } from '../../cluster/errors.ts';
import { DeployError } from '../../errors.ts';
import type { CleanupStage, DoomedObject } from '../../model/cleanup.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { formatRef, groupOf } from '../../model/object.ts';
import { type Waiting, waitUntilGone } from './wait-gone.ts';

/** The groups of workloads: these are gone only when their pods are, so that nothing is taken from a pod that runs. */
const workloads: ReadonlySet<string> = new Set(['apps', 'batch']);

/** Deletes the objects of a stage, and waits until they are gone. */
export async function removeStage({ objects }: CleanupStage, waiting: Waiting, signal: AbortSignal): Promise<void> {
  await Promise.all(objects.map((object) => removeObject(object, waiting.cluster, signal)));
  await waitUntilGone(objects, waiting, signal);
}

/** Asks for a deletion. What was made anew under the same name stays. */
export async function removeObject({ ref, uid }: DoomedObject, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const propagation = workloads.has(groupOf(ref.apiVersion)) ? 'Foreground' : 'Background';
  const removed = await cluster.remove(ref, { uid, propagation }, signal);
  if (removed.ok || removed.failure.status === 409) return;
  throw refused(`delete ${formatRef(ref)}`, removed.failure);
}

/**
 * Asks whether all of these may be deleted, and deletes none.
 *
 * @throws DeployError `refused` with a finding for each that may not.
 */
export async function rehearseRemoval(
  objects: readonly DoomedObject[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> {
  const findings = await Promise.all(objects.map((object) => tryRemoval(object, cluster, signal)));
  const refusals = findings.filter((finding) => finding !== undefined);
  if (refusals.length === 0) return;
  throw new DeployError('refused', 'The cluster would not let everything be deleted. Nothing was changed.', {
    findings: refusals,
  });
}

async function tryRemoval(
  { ref, uid }: DoomedObject,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const removed = await cluster.remove(ref, { uid, dryRun: true }, signal);
  if (removed.ok) return undefined;
  const { status, message } = removed.failure;
  // A webhook that knows no dry run is asked when it matters.
  if (status === 409 || (status === 400 && /dry.?run/i.test(message))) return undefined;
  const fix =
    status === 403 ? 'Ask for the right to delete it, or use another identity.' : 'Correct what the message says.';
  return errorFinding('cleanup/refused', `${formatRef(ref)} may not be deleted.`, fix, {
    object: ref,
    evidence: [message],
  });
}
