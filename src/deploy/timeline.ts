import type { DeployEvent } from '../events.ts';
import { type ObjectRef, refKey } from '../model/object.ts';
import type { ChangeOp } from '../model/plan.ts';
import type { ObjectTimes, PodTimes, Timeline, WaveTimes } from '../model/timeline.ts';
import { timeMs } from '../model/world.ts';

/** So many are kept, of objects and of pods: a picture of more shows nothing, and a record must stay small. */
const limits = { objects: 300, pods: 300 } as const;

/** Makes a timeline of the events of one release. */
export interface TimelineRecorder {
  hear(event: DeployEvent): void;
  /** What has happened so far. */
  timeline(): Timeline;
}

interface Wave {
  readonly number: number;
  readonly name: string;
  readonly objects: number;
  readonly startedMs: number;
  endedMs: number;
}

interface Moments {
  readonly object: ObjectRef;
  op: ChangeOp;
  wave?: number;
  appliedMs?: number;
  readyMs?: number;
  isFailed: boolean;
}

/**
 * Begins a timeline now. `nowMs` may be of any clock: what is heard of pods tells its distance from the API server's, and
 * all times are put right by that.
 */
export function recordTimeline(nowMs: () => number): TimelineRecorder {
  const startedMs = nowMs();
  const waves: Wave[] = [];
  const objects = new Map<string, Moments>();
  const pods = new Map<string, PodTimes>();
  let aheadMs = 0;
  const momentsOf = (object: ObjectRef): Moments => {
    const key = refKey(object);
    const moments = objects.get(key) ?? { object, op: 'unchanged', isFailed: false };
    objects.set(key, moments);
    return moments;
  };
  return {
    hear(event) {
      const now = nowMs();
      if (event.type === 'wave') {
        const { number, name, objects: count } = event;
        waves.push({ number, name, objects: count, startedMs: now, endedMs: now });
      } else if (event.type === 'applied') {
        const moments = Object.assign(momentsOf(event.object), { op: event.op, appliedMs: now });
        const wave = waves.at(-1);
        if (wave === undefined || event.op === 'delete') return;
        wave.endedMs = now;
        moments.wave ??= waves.length - 1;
      } else if (event.type === 'progress' || event.type === 'failing') {
        const moments = Object.assign(momentsOf(event.object), { isFailed: event.type === 'failing' });
        delete moments.readyMs;
      } else if (event.type === 'ready') {
        Object.assign(momentsOf(event.object), { readyMs: now, isFailed: false });
      } else if (event.type === 'pods') {
        aheadMs = (timeMs(event.seen) ?? now) - now;
        for (const pod of event.pods) pods.set(`${refKey(pod.workload)} ${pod.name}`, pod);
      }
    },
    timeline() {
      const time = (ms: number): string => new Date(ms + aheadMs).toISOString();
      const keptObjects = chosen([...objects.values()]);
      return {
        started: time(startedMs),
        ended: time(nowMs()),
        waves: waves.map((wave) => waveTimes(wave, time)),
        objects: keptObjects.map((moments) => objectTimes(moments, time)),
        pods: [...pods.values()].slice(0, limits.pods),
        omitted: {
          objects: objects.size - keptObjects.length,
          pods: Math.max(0, pods.size - limits.pods),
        },
      };
    },
  };
}

/** Those that were waited for before all others; in the order in which they were heard of. */
function chosen(objects: readonly Moments[]): readonly Moments[] {
  if (objects.length <= limits.objects) return objects;
  const isTold = ({ readyMs, isFailed }: Moments): boolean => readyMs !== undefined || isFailed;
  const kept = new Set([...objects.filter(isTold), ...objects.filter((one) => !isTold(one))].slice(0, limits.objects));
  return objects.filter((one) => kept.has(one));
}

function waveTimes({ number, name, objects, startedMs, endedMs }: Wave, time: (ms: number) => string): WaveTimes {
  return { number, name, objects, started: time(startedMs), ended: time(endedMs) };
}

function objectTimes(
  { object, op, wave, appliedMs, readyMs, isFailed }: Moments,
  time: (ms: number) => string,
): ObjectTimes {
  return {
    object,
    op,
    ...(wave === undefined ? {} : { wave }),
    ...(appliedMs === undefined ? {} : { applied: time(appliedMs) }),
    ...(readyMs === undefined ? {} : { ready: time(readyMs) }),
    ...(isFailed ? { failed: true } : {}),
  };
}
