import type { Cluster } from '../cluster/cluster.ts';
import type { Scope } from '../cluster/lists.ts';
import { distinctScopes, type Followed, followWorld, type LiveWorld } from '../cluster/live-world.ts';
import { readWorld } from '../cluster/read-world.ts';
import { DeployError, interrupted } from '../errors.ts';
import type { Host } from '../events.ts';
import { kindOf } from '../kinds/index.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { type World, worldOf } from '../model/world.ts';
import { notReady, warningsOf } from './outcome.ts';
import { podsEvent } from './pod-times.ts';
import { progressReporter } from './progress.ts';
import { beginTracking, isJudged, look, mayStillFail, type Patience, type Tracking } from './tracking.ts';
import { createWaker } from './waker.ts';

export interface WaitRequest extends Patience {
  readonly manifests: readonly Manifest[];
  /** When an object was applied, on the API server's clock; undefined for one that the deploy left as it was. */
  readonly appliedMs: (manifest: Manifest) => number | undefined;
  /** For the whole wait. */
  readonly timeoutMs: number;
  /** What to do where it ends badly; without it: to run `up` again. */
  readonly advice?: string;
}

/** After the first certain failure: for so long the others are collected (skaffold#7379). */
const collectMs = 10_000;
/** Rules that need time are looked at again without news from the cluster. */
const tickMs = 500;
/** Many events come at once: they are judged together. */
const settleMs = 40;

/** How a wait ended well: what the ready objects warn of, and what was seen last. */
export interface Settled {
  readonly warnings: readonly Finding[];
  readonly world: World;
}

/**
 * Waits by watch until every object among the manifests is ready. A cluster that
 * can't be reached for a while is waited for: only the deadline ends it.
 *
 * @throws DeployError `failed` after the first failure that is certain, `timeout` when the time is up: both with a
 *   finding per root cause.
 */
export async function waitUntilReady(
  request: WaitRequest,
  cluster: Cluster,
  host: Host,
  signal: AbortSignal,
): Promise<Settled> {
  if (!request.manifests.some(isJudged)) return { warnings: [], world: worldOf([], cluster.now()) };
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const waker = createWaker();
  const connection = connectionReporter(host);
  const events = { changed: () => waker.wake(), trouble: connection.trouble };
  const live = followWorld(cluster, scopesOf(request.manifests), events, both);
  let failure: Error | undefined;
  const ended = live.ended.catch((error: unknown) => {
    failure = error instanceof Error ? error : new Error(String(error));
    waker.wake();
  });
  const watching = { live, cluster, host, waker, ended, failure: () => failure, isLost: connection.isLost };
  try {
    return await watchOver(request, watching, signal);
  } finally {
    stop.abort();
    await ended;
    const pods = podsEvent(request.manifests, live.world());
    if (pods !== undefined) host.emit(pods);
  }
}

interface Watching {
  readonly live: LiveWorld;
  readonly cluster: Cluster;
  readonly host: Host;
  readonly waker: ReturnType<typeof createWaker>;
  /** Resolves when the watches have ended, by the signal or by `failure`. */
  readonly ended: Promise<void>;
  readonly failure: () => Error | undefined;
  readonly isLost: () => boolean;
}

async function watchOver(request: WaitRequest, parts: Watching, signal: AbortSignal): Promise<Settled> {
  const { live, cluster, host, waker, ended } = parts;
  const { advice } = request;
  const startedMs = Date.now();
  const beganMs = cluster.now();
  const report = progressReporter(host, startedMs);
  let tracking = beginTracking(request.manifests, request.appliedMs, beganMs);
  let failedMs: number | undefined;
  const began = new AbortController();
  const limit = waker.after(request.timeoutMs, AbortSignal.any([signal, began.signal]));
  await Promise.race([live.listed, ended, limit]);
  began.abort();
  for (;;) {
    if (signal.aborted) throw interrupted();
    const error = parts.failure();
    if (error !== undefined) throw error;
    const isLost = parts.isLost();
    // What was seen last says nothing of a cluster that can't be reached: no verdict by the passing of time.
    if (!isLost) {
      const world = live.world();
      tracking = look(tracking, world, request);
      report(tracking, world);
      const states = tracking.entries.map(({ readiness }) => readiness.state);
      if (states.every((state) => state === 'ready')) {
        const warnings = warningsOf(tracking);
        for (const finding of warnings) host.emit({ type: 'finding', finding });
        return { warnings, world };
      }
      const isFailed = states.includes('failed');
      failedMs = isFailed ? (failedMs ?? Date.now()) : undefined;
      const isOver = isFailed && (!tracking.entries.some(mayStillFail) || Date.now() - (failedMs ?? 0) >= collectMs);
      if (isOver && (await isConfirmed(tracking, request, cluster, signal))) {
        throw await notReady(
          { tracking, world, unread: live.unread, elapsedMs: Date.now() - startedMs, advice },
          cluster,
          signal,
        );
      }
    }
    const leftMs = startedMs + request.timeoutMs - Date.now();
    if (leftMs <= 0) {
      const timedOut = {
        tracking,
        world: live.world(),
        unread: live.unread,
        elapsedMs: Date.now() - startedMs,
        timeoutMs: request.timeoutMs,
        advice,
      };
      throw await notReady(timedOut, cluster, signal);
    }
    await waker.next(Math.min(tickMs, leftMs), settleMs, signal);
  }
}

/**
 * A watch may have died without a word: before the deploy fails, the cluster is asked once more. A server that doesn't
 * answer confirms nothing.
 */
async function isConfirmed(
  tracking: Tracking,
  request: WaitRequest,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  const failed = tracking.entries.filter(({ readiness }) => readiness.state === 'failed');
  try {
    // All that was watched: a rule may look at objects of other kinds, as far as they are among the manifests.
    const { world } = await readWorld(cluster, scopesOf(request.manifests), signal);
    const again = look({ ...tracking, entries: failed }, world, request);
    return again.entries.some(({ readiness }) => readiness.state === 'failed');
  } catch (error) {
    if (error instanceof DeployError && error.transient) return false;
    throw error;
  }
}

/** What the manifests' rules read: their own kinds, and those beside them. */
function scopesOf(manifests: readonly Manifest[]): readonly Followed[] {
  return distinctScopes(
    manifests.filter(isJudged).flatMap(({ ref }) => {
      const { apiVersion, kind, namespace } = ref;
      const place = namespace === undefined ? {} : { namespace };
      const beside = kindOf(ref)?.related ?? [];
      return [
        { apiVersion, kind, ...place, needed: true },
        ...beside.map((other) => ({ ...other, ...place, needed: false })),
      ];
    }),
  );
}

interface ConnectionReporter {
  readonly trouble: (scope: Scope, error: DeployError | undefined) => void;
  readonly isLost: () => boolean;
}

/** Says once that the connection is lost, and once that it is back. */
function connectionReporter(host: Host): ConnectionReporter {
  const lost = new Set<Scope>();
  return {
    trouble(scope, error) {
      const wasLost = lost.size > 0;
      if (error === undefined) lost.delete(scope);
      else lost.add(scope);
      if (wasLost === lost.size > 0) return;
      const message =
        error === undefined ? 'The cluster answers again.' : `${error.message} Trying again until the timeout.`;
      host.emit({ type: 'step', name: 'connection', message });
    },
    isLost: () => lost.size > 0,
  };
}
