import type { Host } from '../events.ts';
import { kindOf } from '../kinds/index.ts';
import type { Readiness } from '../model/readiness.ts';
import type { World } from '../model/world.ts';
import { isNoNews, keyOf, type Tracked, type Tracking } from './tracking.ts';

/** Services, HPAs and the like are ready in no time, mostly: only what keeps the deploy waiting is worth a line. */
const quietMs = 3_000;

/** Emits an event for each change of state since the last look; nothing twice. */
export function progressReporter(host: Host, startedMs: number): (tracking: Tracking, world: World) => void {
  const told = new Map<string, Readiness>();
  return (tracking, world) => {
    const elapsedMs = Date.now() - startedMs;
    for (const entry of tracking.entries) {
      const key = keyOf(entry);
      const before = told.get(key);
      const { readiness } = entry;
      if (isNoNews(readiness) || (before?.state === readiness.state && before.why === readiness.why)) continue;
      if (isQuiet(entry, before, elapsedMs)) continue;
      told.set(key, readiness);
      emit(entry, world, elapsedMs, host);
    }
  };
}

/** What isn't a workload is told only where the deploy has waited for it, or where there is something to know. */
function isQuiet({ manifest, readiness }: Tracked, before: Readiness | undefined, elapsedMs: number): boolean {
  if (kindOf(manifest.ref)?.count !== undefined) return false;
  if (readiness.state === 'progressing') return elapsedMs < quietMs;
  return readiness.state === 'ready' && before === undefined;
}

function emit({ manifest, readiness }: Tracked, world: World, elapsedMs: number, host: Host): void {
  const { ref } = manifest;
  const live = world.get(ref);
  const count = live === undefined ? undefined : kindOf(ref)?.count?.(live);
  if (readiness.state === 'ready') {
    const parts = [count === undefined ? undefined : `${count.ready}/${count.desired}`, readiness.why];
    const detail = parts.filter((part) => part !== undefined).join(', ');
    host.emit({ type: 'ready', object: ref, detail, elapsedMs });
    return;
  }
  host.emit({
    type: readiness.state === 'failed' ? 'failing' : 'progress',
    object: ref,
    ...(count === undefined ? {} : { count }),
    why: readiness.why,
    elapsedMs,
  });
}
