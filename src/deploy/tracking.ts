import { kindOf, podsOf } from '../kinds/index.ts';
import { notObserved } from '../kinds/kind.ts';
import { assessOther } from '../kinds/other.ts';
import { podSignals } from '../kinds/pods/index.ts';
import { remember } from '../kinds/pods/signal.ts';
import { durationMs } from '../model/duration.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refKey } from '../model/object.ts';
import type { Moment, Readiness, Sightings } from '../model/readiness.ts';
import type { World } from '../model/world.ts';
import { replacedBy } from './replaced.ts';

/** Annotation with an object's own time limit, such as `15m`, counted from its apply. */
export const timeoutAnnotation = 'oms-deploy.io/timeout';

/** How patiently a wait judges; see Moment. */
export interface Patience {
  readonly soakMs?: number | undefined;
  readonly tolerateRestarts?: number | undefined;
  /** The object as it was applied: another pod template than that one isn't ours. */
  readonly applied?: (manifest: Manifest) => KubernetesObject | undefined;
}

/** An object that a deploy waits for. */
export interface Tracked {
  readonly manifest: Manifest;
  /** From when on it is judged, on the API server's clock. */
  readonly sinceMs: number;
  /** The deploy has written it; else it was left as it was. */
  readonly isChanged: boolean;
  readonly readiness: Readiness;
}

/** Everything that is waited for, as it was judged last. A value: each look makes a new one. */
export interface Tracking {
  readonly entries: readonly Tracked[];
  readonly sightings: Sightings;
}

/** The manifests whose readiness can be judged: kinds with a rule, and kinds that we don't know. */
export function isJudged({ ref }: Manifest): boolean {
  const kind = kindOf(ref);
  return kind === undefined || kind.assess !== undefined;
}

/** Begins: nothing has been seen yet. What the deploy left as it was is judged from `beganMs` on. */
export function beginTracking(
  manifests: readonly Manifest[],
  appliedMs: (manifest: Manifest) => number | undefined,
  beganMs: number,
): Tracking {
  return {
    entries: manifests.filter(isJudged).map((manifest) => ({
      manifest,
      sinceMs: appliedMs(manifest) ?? beganMs,
      isChanged: appliedMs(manifest) !== undefined,
      readiness: { state: 'progressing', why: 'not seen yet' },
    })),
    sightings: new Map(),
  };
}

/** Judges all by what is known now. Pure. */
export function look(tracking: Tracking, world: World, patience: Patience): Tracking {
  const signals = tracking.entries.flatMap((entry) => {
    const live = world.get(entry.manifest.ref);
    if (live === undefined) return [];
    const moment = momentOf(entry, tracking.sightings, patience);
    return podsOf(live, world).flatMap((pod) => podSignals(pod, world, moment));
  });
  const sightings = remember(tracking.sightings, signals, world.nowMs);
  const entries = tracking.entries.map((entry) => ({
    ...entry,
    readiness: limited(
      entry,
      judge(entry.manifest, world, momentOf(entry, sightings, patience), patience),
      world.nowMs,
    ),
  }));
  return { entries, sightings };
}

function momentOf(entry: Tracked, sightings: Sightings, { soakMs, tolerateRestarts }: Patience): Moment {
  return {
    sinceMs: entry.sinceMs,
    isChanged: entry.isChanged,
    sightings,
    ...(soakMs === undefined ? {} : { soakMs }),
    ...(tolerateRestarts === undefined ? {} : { tolerateRestarts }),
  };
}

function judge(manifest: Manifest, world: World, moment: Moment, { applied }: Patience): Readiness {
  const { ref } = manifest;
  const live = world.get(ref);
  if (live === undefined) return { state: 'progressing', why: 'it is not there' };
  if (live.metadata.deletionTimestamp !== undefined) return { state: 'progressing', why: 'it is being deleted' };
  const before = applied?.(manifest);
  const replaced = before === undefined ? undefined : replacedBy(manifest, live, before);
  if (replaced !== undefined) return { state: 'failed', why: replaced.cause, problems: [replaced] };
  const kind = kindOf(ref);
  return kind === undefined ? assessOther(live) : (kind.assess?.(live, world, moment) ?? { state: 'ready' });
}

/** The object's own time limit makes what it waits for a failure. */
function limited({ manifest, sinceMs }: Tracked, readiness: Readiness, nowMs: number): Readiness {
  const text = manifest.body.metadata.annotations?.[timeoutAnnotation];
  const limitMs = text === undefined ? undefined : durationMs(text);
  if (readiness.state !== 'progressing' || limitMs === undefined || nowMs - sinceMs < limitMs) return readiness;
  const cause = `it is not ready within its own limit of ${text}: ${readiness.why}`;
  const fix = `Correct what it waits for, or give it longer: annotation ${timeoutAnnotation}.`;
  const own = { id: 'rollout/timeout', cause, fix, evidence: [], certain: true };
  return { state: 'failed', why: cause, problems: readiness.problems?.length ? readiness.problems : [own] };
}

/**
 * Whether a failure of its own may come: of a workload that starts. What stands before pods (a Service, an HPA, an
 * Ingress) waits for those, and has nothing to add to their failure.
 */
export function mayStillFail({ manifest, readiness }: Tracked): boolean {
  return readiness.state === 'progressing' && kindOf(manifest.ref)?.pods !== undefined;
}

/** True where nothing can be told yet: between the apply and the controller's first look. */
export function isNoNews(readiness: Readiness): boolean {
  return readiness.state === 'progressing' && (readiness.why === notObserved.why || readiness.why === 'not seen yet');
}

/** The key of an entry. */
export function keyOf({ manifest }: Tracked): string {
  return refKey(manifest.ref);
}
