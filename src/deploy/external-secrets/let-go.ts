import type { Cluster } from '../../cluster/cluster.ts';
import { pause } from '../../cluster/retry.ts';
import { during, type Host } from '../../events.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { arrayOf, at } from '../../model/json.ts';
import { formatRef, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import type { Writer } from '../../model/plan.ts';

/** The garbage collector takes a moment; for a kind that it doesn't know yet, up to 30 s. */
const patienceMs = 60_000;
const pollMs = 250;

/**
 * Deletes an ExternalSecret whose Secret stays. With `propagationPolicy: Orphan` the garbage collector takes the owner off
 * the Secret first: it is never absent. From then on the operator writes it no more. The finding says why it doesn't let go.
 */
export async function letGo(
  secret: ObjectRef,
  writer: Writer,
  cluster: Cluster,
  host: Host,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const { ref, uid } = writer;
  const removed = await cluster.remove(ref, { uid, propagation: 'Orphan' }, signal);
  if (!removed.ok) {
    const cause = `${formatRef(ref)} could not be deleted, and goes on writing ${formatRef(secret)}: ${removed.failure.message}`;
    return errorFinding('secrets/held', cause, 'Ask for the right to delete it, or delete it by hand.', {
      object: ref,
    });
  }
  const isFree = await during(`Waiting until ${formatRef(ref)} has let go of ${formatRef(secret)}`, host, () =>
    untilFree(secret, writer, cluster, signal),
  );
  if (isFree) return undefined;
  const cause = `${formatRef(ref)} still owns ${formatRef(secret)}, which would go with it.`;
  const fix = 'See that the garbage collector runs (kube-controller-manager), then run the same command again.';
  return errorFinding('secrets/held', cause, fix, { object: ref });
}

async function untilFree(
  secret: ObjectRef,
  { ref, uid }: Writer,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  const startedMs = performance.now();
  for (;;) {
    const [owner, owned] = await Promise.all([cluster.get(ref, signal), cluster.get(secret, signal)]);
    const isGone = owner === undefined || owner.metadata.uid !== uid;
    // One that ends is written by nobody, whatever still holds it.
    const isEnding = isGone || owner.metadata.deletionTimestamp !== undefined;
    if (isEnding && !isOwnedBy(owned, uid)) return true;
    if (performance.now() - startedMs > patienceMs) return false;
    await pause(pollMs, signal);
  }
}

function isOwnedBy(object: KubernetesObject | undefined, uid: string): boolean {
  return arrayOf(object?.metadata.ownerReferences).some((owner) => at(owner, 'uid') === uid);
}
