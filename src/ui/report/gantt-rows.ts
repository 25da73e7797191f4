import { formatRef, refKey } from '../../model/object.ts';
import type { ObjectTimes, PodTimes, Timeline } from '../../model/timeline.ts';
import { timeMs } from '../../model/world.ts';
import { formatElapsed } from '../style.ts';

/** What a stretch of time was spent on, or what it was. */
export type SpanKind = 'wave' | 'rollout' | 'pending' | 'starting' | 'unready' | 'ready' | 'failed';

/** A stretch of time, in milliseconds since the timeline's beginning. */
export interface Span {
  readonly kind: SpanKind;
  readonly fromMs: number;
  readonly toMs: number;
}

/** One line of the picture. */
export interface Row {
  readonly level: 'wave' | 'object' | 'pod';
  /** `wave config`, `Deployment shop/web`, the name of a pod. */
  readonly name: string;
  readonly spans: readonly Span[];
  /** A few words: how long, or how it ended. */
  readonly words: string;
}

/** The lines of the picture: the waves in their order, below each what was waited for, below that its pods. */
export function ganttRows(timeline: Timeline): readonly Row[] {
  const clock = clockOf(timeline);
  const pods = podsByWorkload(timeline.pods);
  const told = timeline.objects.filter((one) => isTold(one) || pods.has(refKey(one.object)));
  const ofWave = (wave: number | undefined): readonly Row[] =>
    told.flatMap((one) =>
      one.wave !== wave
        ? []
        : [objectRow(one, clock), ...(pods.get(refKey(one.object)) ?? []).map((pod) => podRow(pod, clock))],
    );
  const known = new Set(timeline.objects.map(({ object }) => refKey(object)));
  const others = timeline.pods.filter(({ workload }) => !known.has(refKey(workload)));
  return [
    ...timeline.waves.flatMap(({ name, objects, started, ended }, index) => {
      const span: Span = { kind: 'wave', fromMs: clock.since(started) ?? 0, toMs: clock.since(ended) ?? 0 };
      const words = `${objects} applied`;
      return [{ level: 'wave', name: `wave ${name}`, spans: [span], words } as const, ...ofWave(index)];
    }),
    ...ofWave(undefined),
    ...others.map((pod) => podRow(pod, clock)),
  ];
}

/** The clock of a timeline. */
export interface TimelineClock {
  readonly lengthMs: number;
  /**
   * Milliseconds since the beginning, below zero before it; undefined for what is no time. The API's times are cut to whole
   * seconds: what it says of the second of the beginning was no earlier than that.
   */
  readonly since: (time: string | undefined) => number | undefined;
}

export function clockOf({ started, ended }: Timeline): TimelineClock {
  const startMs = timeMs(started) ?? 0;
  return {
    lengthMs: Math.max(1, (timeMs(ended) ?? startMs) - startMs),
    since: (time) => {
      const ms = timeMs(time);
      if (ms === undefined) return undefined;
      return ms >= Math.floor(startMs / 1000) * 1000 ? Math.max(0, ms - startMs) : ms - startMs;
    },
  };
}

/** Something was waited for; what was only applied is in the table alone. */
function isTold({ ready, failed = false }: ObjectTimes): boolean {
  return ready !== undefined || failed;
}

function objectRow({ object, applied, ready, failed = false }: ObjectTimes, clock: TimelineClock): Row {
  const fromMs = clock.since(applied) ?? 0;
  const toMs = clock.since(ready) ?? clock.lengthMs;
  const words = failed ? 'failed' : ready === undefined ? 'not ready' : `ready, ${formatElapsed(toMs - fromMs)}`;
  return {
    level: 'object',
    name: formatRef(object),
    spans: [{ kind: failed ? 'failed' : 'rollout', fromMs, toMs }],
    words,
  };
}

function podRow(pod: PodTimes, clock: TimelineClock): Row {
  const steps = [
    ['pending', clock.since(pod.created)],
    ['starting', clock.since(pod.scheduled)],
    ['unready', clock.since(pod.started)],
    ['ready', clock.since(pod.ready)],
  ] as const;
  const reached = steps.flatMap(([kind, fromMs]) => (fromMs === undefined ? [] : [{ kind, fromMs }]));
  const spans = reached.map(({ kind, fromMs }, index): Span => {
    return { kind, fromMs, toMs: reached[index + 1]?.fromMs ?? clock.lengthMs };
  });
  return { level: 'pod', name: pod.name, spans, words: podWords(pod, clock) };
}

function podWords({ created, ready, restarts }: PodTimes, clock: TimelineClock): string {
  const [fromMs, toMs] = [clock.since(created), clock.since(ready)];
  const again = restarts > 0 ? `, ${restarts} restarts` : '';
  if (toMs === undefined) return `not ready${again}`;
  if (toMs < 0) return `was ready${again}`;
  return `${fromMs === undefined ? 'ready' : `ready, ${formatElapsed(toMs - fromMs)}`}${again}`;
}

function podsByWorkload(pods: readonly PodTimes[]): ReadonlyMap<string, readonly PodTimes[]> {
  const byWorkload = new Map<string, PodTimes[]>();
  for (const pod of pods) {
    const key = refKey(pod.workload);
    const list = byWorkload.get(key);
    if (list === undefined) byWorkload.set(key, [pod]);
    else list.push(pod);
  }
  return byWorkload;
}
