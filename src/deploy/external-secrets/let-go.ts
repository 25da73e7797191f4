import type { Cluster } from '../../cluster/cluster.ts';
import { pause } from '../../cluster/retry.ts';
import { during, type Host } from '../../events.ts';
import { syncedGeneration } from '../../kinds/external-secret.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { arrayOf, at } from '../../model/json.ts';
import { formatRef, type KubernetesObject, type ObjectRef } from '../../model/object.ts';
import type { Writer } from '../../model/plan.ts';

/** The garbage collector takes a moment; for a kind that it doesn't know yet, up to 30 s. */
const patienceMs = 60_000;
const pollMs = 250;
/** An operator that doesn't run doesn't take the Secret again, either. */
const disownMs = 15_000;

/**
 * Deletes an ExternalSecret whose Secret stays, and is never absent. First the operator is told to own it no more: one that
 * has not yet seen the end could make itself the owner again, and the garbage collector deletes what has an owner that is
 * gone. Then it goes with `propagationPolicy: Orphan`, for an operator that doesn't run. The finding says why it doesn't let go.
 */
export async function letGo(
  secret: ObjectRef,
  writer: Writer,
  cluster: Cluster,
  host: Host,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const { ref, uid } = writer;
  await during(`Waiting until ${formatRef(ref)} owns ${formatRef(secret)} no more`, host, () =>
    disown(secret, writer, cluster, signal),
  );
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

/** `creationPolicy: Orphan`, and until the operator has obeyed: its status tells the generation that it has seen to. */
async function disown(secret: ObjectRef, { ref, uid }: Writer, cluster: Cluster, signal: AbortSignal): Promise<void> {
  const operations = [{ op: 'add', path: '/spec/target/creationPolicy', value: 'Orphan' }];
  const patched = await cluster.patch(ref, operations, signal);
  // Its deletion tells what is wrong.
  if (!patched.ok) return;
  const wanted = patched.object.metadata.generation ?? 0;
  const isObeyed: Release = (owner, owned) =>
    owner === undefined || ((syncedGeneration(owner) ?? 0) >= wanted && !isOwnedBy(owned, uid));
  await untilReleased(isObeyed, disownMs, secret, ref, cluster, signal);
}

function untilFree(secret: ObjectRef, { ref, uid }: Writer, cluster: Cluster, signal: AbortSignal): Promise<boolean> {
  const isFree: Release = (owner, owned) => {
    const isGone = owner === undefined || owner.metadata.uid !== uid;
    // One that ends is written by nobody, whatever still holds it.
    const isEnding = isGone || owner.metadata.deletionTimestamp !== undefined;
    return isEnding && !isOwnedBy(owned, uid);
  };
  return untilReleased(isFree, patienceMs, secret, ref, cluster, signal);
}

/** Whether an ExternalSecret has let go of its Secret; undefined stands for what isn't there. */
type Release = (owner: KubernetesObject | undefined, owned: KubernetesObject | undefined) => boolean;

/** Looks at both until it is so; false where it isn't within this time, in milliseconds. */
async function untilReleased(
  isReleased: Release,
  withinMs: number,
  secret: ObjectRef,
  external: ObjectRef,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  const startedMs = performance.now();
  for (;;) {
    const [owner, owned] = await Promise.all([cluster.get(external, signal), cluster.get(secret, signal)]);
    if (isReleased(owner, owned)) return true;
    if (performance.now() - startedMs > withinMs) return false;
    await pause(pollMs, signal);
  }
}

function isOwnedBy(object: KubernetesObject | undefined, uid: string): boolean {
  return arrayOf(object?.metadata.ownerReferences).some((owner) => at(owner, 'uid') === uid);
}
