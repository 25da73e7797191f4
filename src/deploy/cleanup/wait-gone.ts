import type { Cluster } from '../../cluster/cluster.ts';
import { pause } from '../../cluster/retry.ts';
import { DeployError } from '../../errors.ts';
import type { Host } from '../../events.ts';
import { countOf, formatSpan } from '../../model/age.ts';
import type { DoomedObject } from '../../model/cleanup.ts';
import type { Finding, Severity } from '../../model/finding.ts';
import { formatRef, type KubernetesObject, refKey } from '../../model/object.ts';
import { conditionsOf, finalizersOf, heldBy } from './holders.ts';

/** How long is waited, and what happens meanwhile. */
export interface Waiting {
  readonly cluster: Cluster;
  readonly host: Host;
  readonly timeoutMs: number;
  /** By `performance.now()`. */
  readonly deadlineMs: number;
  /** After this time without progress it is said what holds. */
  readonly explainMs: number;
  /** Called for each object that is gone. */
  readonly gone: (object: DoomedObject) => void;
  /** Why these are still there. */
  readonly explain: (
    live: readonly KubernetesObject[],
    severity: Severity,
    signal: AbortSignal,
  ) => Promise<readonly Finding[]>;
  /** Called after the explanation: `--remove-finalizers`. */
  readonly stuck: (live: readonly KubernetesObject[], signal: AbortSignal) => Promise<void>;
}

const pollMs = 250;

/** Said of what is not gone at once. */
const sayAfterMs = 2_000;

/**
 * Waits until objects that were deleted are gone; says what holds them where nothing moves for a while.
 *
 * @throws DeployError `timeout`, with a finding for each that is left.
 */
export async function waitUntilGone(
  objects: readonly DoomedObject[],
  waiting: Waiting,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = performance.now();
  const said = new Map<string, string>();
  let left = objects;
  let last = '';
  let movedMs = startedMs;
  let isExplained = false;
  for (;;) {
    const live = await look(left, waiting, signal);
    for (const one of left) {
      if (live.has(one)) continue;
      waiting.gone(one);
      const elapsedMs = performance.now() - startedMs;
      waiting.host.emit({ type: 'applied', object: one.ref, op: 'delete', elapsedMs });
    }
    left = left.filter((one) => live.has(one));
    if (left.length === 0) return;
    const objectsLeft = [...live.values()];
    const now = JSON.stringify(objectsLeft.map((object) => [object.metadata.uid, ...signsOf(object)]));
    if (now !== last) {
      [last, movedMs, isExplained] = [now, performance.now(), false];
    }
    if (performance.now() > waiting.deadlineMs) {
      throw timedOut(left, waiting.timeoutMs, await waiting.explain(objectsLeft, 'error', signal));
    }
    sayProgress(live, startedMs, said, waiting.host);
    if (!isExplained && performance.now() - movedMs > waiting.explainMs) {
      isExplained = true;
      const findings = await waiting.explain(objectsLeft, 'warning', signal);
      for (const finding of findings) waiting.host.emit({ type: 'finding', finding });
      await waiting.stuck(objectsLeft, signal);
    }
    await pause(pollMs, signal);
  }
}

/** What changes while a deletion goes on. */
function signsOf(object: KubernetesObject): readonly string[] {
  return [...finalizersOf(object), ...conditionsOf(object)];
}

/** The live objects of those that are still there. A cluster that can't be reached for a while doesn't end the wait. */
async function look(
  objects: readonly DoomedObject[],
  { cluster, host, deadlineMs }: Waiting,
  signal: AbortSignal,
): Promise<ReadonlyMap<DoomedObject, KubernetesObject>> {
  for (;;) {
    try {
      const live = await Promise.all(objects.map(({ ref }) => cluster.get(ref, signal)));
      const there = objects.flatMap((one, index) => {
        const object = live[index];
        return object?.metadata.uid === one.uid ? [[one, object] as const] : [];
      });
      return new Map(there);
    } catch (error) {
      const isOver = performance.now() > deadlineMs;
      if (!(error instanceof DeployError) || !error.transient || isOver) throw error;
      host.emit({ type: 'detail', message: error.message });
      await pause(pollMs, signal);
    }
  }
}

function sayProgress(
  live: ReadonlyMap<DoomedObject, KubernetesObject>,
  startedMs: number,
  said: Map<string, string>,
  host: Host,
): void {
  const elapsedMs = performance.now() - startedMs;
  if (elapsedMs < sayAfterMs) return;
  for (const [{ ref }, object] of live) {
    const why = heldBy(object);
    if (said.get(refKey(ref)) === why) continue;
    said.set(refKey(ref), why);
    host.emit({ type: 'progress', object: ref, why, elapsedMs });
  }
}

function timedOut(left: readonly DoomedObject[], timeoutMs: number, findings: readonly Finding[]): DeployError {
  const [first] = left;
  const what =
    left.length === 1 && first !== undefined
      ? `${formatRef(first.ref)} is still being deleted`
      : `${countOf(left.length, 'object')} are still being deleted`;
  return new DeployError('timeout', `${what} after ${formatSpan(timeoutMs)}.`, { findings });
}
