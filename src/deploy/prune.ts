import type { Cluster } from '../cluster/cluster.ts';
import { pause } from '../cluster/retry.ts';
import { during, type Host } from '../events.ts';
import type { Finding } from '../model/finding.ts';
import { formatRef, refKey } from '../model/object.ts';
import type { Change, Plan } from '../model/plan.ts';

/** How long the objects of a wave may take to go before the next wave's are deleted. */
const goneMs = 20_000;
const pollMs = 250;

export interface Pruned {
  /** The keys of the objects that are gone. */
  readonly gone: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Deletes what the plan deletes, in the reverse order of the waves: what leads to something goes before it. */
export async function prune(plan: Plan, cluster: Cluster, host: Host, signal: AbortSignal): Promise<Pruned> {
  const gone = new Set<string>();
  const findings: Finding[] = [];
  for (const wave of [...plan.waves].reverse()) {
    const changes = wave.changes.filter(({ op }) => op === 'delete');
    const outcomes = await Promise.all(
      changes.map((change) =>
        during(`Waiting until ${formatRef(change.manifest.ref)} is gone`, host, () =>
          deleteOne(change, cluster, host, signal),
        ),
      ),
    );
    for (const [index, finding] of outcomes.entries()) {
      const change = changes[index];
      if (finding !== undefined) findings.push(finding);
      else if (change !== undefined) gone.add(refKey(change.manifest.ref));
    }
  }
  for (const finding of findings) host.emit({ type: 'finding', finding });
  return { gone, findings };
}

/** Deletes one object and waits until it is gone; the finding says why it isn't. */
async function deleteOne(
  { manifest: { ref }, live }: Change,
  cluster: Cluster,
  host: Host,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const startedMs = performance.now();
  const uid = live?.metadata.uid ?? '';
  const removed = await cluster.remove(ref, { uid }, signal);
  // It was made anew meanwhile: that one isn't ours.
  if (!removed.ok && removed.failure.status === 409) return undefined;
  if (!removed.ok) {
    const fix = 'Ask for the right to delete it, or delete it by hand.';
    return stays(`${formatRef(ref)} could not be deleted: ${removed.failure.message}`, fix, ref);
  }
  for (;;) {
    const current = await cluster.get(ref, signal);
    if (current === undefined || current.metadata.uid !== uid) break;
    if (performance.now() - startedMs > goneMs) {
      const held = current.metadata.finalizers;
      const holders = Array.isArray(held) ? `: its finalizers hold it (${held.join(', ')})` : '';
      return stays(
        `${formatRef(ref)} is still being deleted${holders}.`,
        'Let the controller of these finalizers run; it goes then.',
        ref,
      );
    }
    await pause(pollMs, signal);
  }
  host.emit({ type: 'applied', object: ref, op: 'delete', elapsedMs: performance.now() - startedMs });
  return undefined;
}

function stays(cause: string, fix: string, object: Finding['object']): Finding {
  return {
    id: 'prune/stays',
    severity: 'warning',
    ...(object === undefined ? {} : { object }),
    cause,
    evidence: [],
    fix,
  };
}
