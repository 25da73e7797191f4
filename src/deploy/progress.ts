import { isDeepStrictEqual } from 'node:util';
import type { Host } from '../events.ts';
import { kindOf, podsOf } from '../kinds/index.ts';
import { stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { formatReady, type LastEvent, type Readiness, type ReplicaCount } from '../model/readiness.ts';
import { eventTimeMs, type World } from '../model/world.ts';
import { isNoNews, keyOf, type Tracked, type Tracking } from './tracking.ts';

/** Services, HPAs and the like are ready in no time, mostly: only what keeps the deploy waiting is worth a line. */
const quietMs = 3_000;

/** What was said of an object last: only what differs is news. */
interface Told {
  readonly state: Readiness['state'];
  readonly why: string | undefined;
  readonly count: ReplicaCount | undefined;
  readonly lastEvent: LastEvent | undefined;
}

/** Emits an event for each change since the last look, of state, counts or the newest Event; nothing twice. */
export function progressReporter(host: Host, startedMs: number): (tracking: Tracking, world: World) => void {
  const told = new Map<string, Told>();
  return (tracking, world) => {
    const elapsedMs = Date.now() - startedMs;
    for (const entry of tracking.entries) {
      const key = keyOf(entry);
      const before = told.get(key);
      if (isNoNews(entry.readiness) || isQuiet(entry, before, elapsedMs)) continue;
      const now = toldOf(entry, world);
      if (isDeepStrictEqual(now, before)) continue;
      told.set(key, now);
      emit(entry, countOf(entry, world), now.lastEvent, elapsedMs, host);
    }
  };
}

/** What isn't a workload is told only where the deploy has waited for it, or where there is something to know. */
function isQuiet({ manifest, readiness }: Tracked, before: Told | undefined, elapsedMs: number): boolean {
  if (kindOf(manifest.ref)?.count !== undefined) return false;
  if (readiness.state === 'progressing') return elapsedMs < quietMs;
  return readiness.state === 'ready' && before === undefined;
}

/** Of a ready object its counts and Events are no news any more. */
function toldOf(entry: Tracked, world: World): Told {
  const { state, why } = entry.readiness;
  if (state === 'ready') return { state, why, count: undefined, lastEvent: undefined };
  const live = world.get(entry.manifest.ref);
  const lastEvent = live === undefined ? undefined : lastEventOf(live, world);
  return { state, why, count: countOf(entry, world), lastEvent };
}

function countOf({ manifest: { ref } }: Tracked, world: World): ReplicaCount | undefined {
  const live = world.get(ref);
  return live === undefined ? undefined : kindOf(ref)?.count?.(live);
}

function lastEventOf(live: KubernetesObject, world: World): LastEvent | undefined {
  let newest: KubernetesObject | undefined;
  for (const { metadata } of [live, ...podsOf(live, world)]) {
    const last = world.eventsOf(metadata.uid ?? '').at(-1);
    if (last !== undefined && (newest === undefined || eventTimeMs(last) >= eventTimeMs(newest))) newest = last;
  }
  if (newest === undefined) return undefined;
  return { reason: stringOf(newest.reason) ?? '', message: stringOf(newest.message) ?? '' };
}

function emit(
  { manifest: { ref }, readiness }: Tracked,
  count: ReplicaCount | undefined,
  lastEvent: LastEvent | undefined,
  elapsedMs: number,
  host: Host,
): void {
  const counted = count === undefined ? {} : { count };
  if (readiness.state === 'ready') {
    const parts = [count === undefined ? undefined : formatReady(count), readiness.why];
    const detail = parts.filter((part) => part !== undefined).join(', ');
    host.emit({ type: 'ready', object: ref, ...counted, detail, elapsedMs });
    return;
  }
  host.emit({
    type: readiness.state === 'failed' ? 'failing' : 'progress',
    object: ref,
    ...counted,
    why: readiness.why,
    ...(lastEvent === undefined ? {} : { lastEvent }),
    elapsedMs,
  });
}
