import { instanceKey } from '../../src/cluster/watch-objects.ts';
import { beginTracking, look } from '../../src/deploy/tracking.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import type { Readiness } from '../../src/model/readiness.ts';
import { type World, worldOf } from '../../src/model/world.ts';
import type { Stream, StreamEvent } from './stream.ts';

/** What a wait said for some time. */
export interface Stretch {
  /** Since when, in milliseconds after the apply. */
  readonly atMs: number;
  readonly state: Readiness['state'];
  readonly why: string;
}

/** How a stream ends: the first word of its file's name. */
export type Outcome = Readiness['state'];

/** Rules that need time are looked at without news, as often as a wait does it. */
const tickMs = 500;

/** What the product says of a stream as it comes: a look at each event, and one at each tick between them. */
export function replay(stream: Stream): readonly Stretch[] {
  const { ref, sinceMs, lastsMs } = stream;
  const { apiVersion, kind, ...metadata } = ref;
  const manifest: Manifest = {
    ref,
    body: { apiVersion, kind, metadata },
    origin: { file: 'k8s/app.yaml', line: 1 },
    lineOf: () => undefined,
  };
  const objects = new Map<string, KubernetesObject>();
  const said: Stretch[] = [];
  let tracking = beginTracking([manifest], () => sinceMs, sinceMs);
  let world: World | undefined;
  const lookAt = (atMs: number): void => {
    world ??= worldOf(objects.values(), sinceMs);
    tracking = look(tracking, { ...world, nowMs: sinceMs + atMs }, {});
    const { state, why = '' } = tracking.entries[0]?.readiness ?? { state: 'progressing' };
    const last = said.at(-1);
    if (last?.state !== state || last.why !== why) said.push({ atMs, state, why });
  };
  let nextTickMs = tickMs;
  const passUntil = (atMs: number): void => {
    for (; nextTickMs < atMs; nextTickMs += tickMs) lookAt(nextTickMs);
  };
  const { listed, told } = partsOf(stream);
  for (const { object } of listed) objects.set(instanceKey(object), object);
  lookAt(0);
  for (const { atMs, type, object } of told) {
    passUntil(atMs);
    world = undefined;
    if (type === 'DELETED') objects.delete(instanceKey(object));
    else objects.set(instanceKey(object), object);
    lookAt(atMs);
  }
  passUntil(lastsMs);
  lookAt(lastsMs);
  return said;
}

/** What was there when the wait began is listed at once, before the first look. */
function partsOf({ events }: Stream): {
  readonly listed: readonly StreamEvent[];
  readonly told: readonly StreamEvent[];
} {
  const firstTold = events.findIndex(({ atMs }) => atMs > 0);
  const count = firstTold < 0 ? events.length : firstTold;
  return { listed: events.slice(0, count), told: events.slice(count) };
}

/** What is wrong with what was said of a stream that should end so; empty where nothing is. */
export function flawsOf(outcome: Outcome, said: readonly Stretch[]): readonly string[] {
  const states = said.map(({ state }) => state);
  const flaws: string[] = [];
  const last = said.at(-1);
  if (last?.state !== outcome) flaws.push(`it ends as ${last?.state ?? 'nothing'}: ${last?.why ?? ''}`);
  for (const never of forbidden[outcome]) {
    const stretch = said.find(({ state }) => state === never);
    if (stretch !== undefined) flaws.push(`it passes through ${formatStretch(stretch)}`);
  }
  // A wait ends with the first of them: it can't be taken back.
  const firstMet = states.indexOf(outcome);
  const takenBack = firstMet < 0 ? undefined : said.slice(firstMet).find(({ state }) => state !== outcome);
  if (takenBack !== undefined) flaws.push(`${outcome} is taken back: ${formatStretch(takenBack)}`);
  return flaws;
}

const forbidden: Readonly<Record<Outcome, readonly Outcome[]>> = {
  ready: ['failed'],
  failed: ['ready'],
  progressing: ['ready', 'failed'],
};

/** The stretches as people read them, one a line, with the second in which each began. */
export function formatStretches(said: readonly Stretch[]): string {
  return said.map((stretch) => `${formatStretch(stretch)}\n`).join('');
}

function formatStretch({ atMs, state, why }: Stretch): string {
  const at = `${(atMs / 1000).toFixed(1)} s`.padStart(6);
  return `${at}  ${why === '' ? state : `${state}: ${why}`}`;
}

/**
 * The stream as it might have come as well: each kind has a watch of its own, and these may overtake each other. Within
 * each `windowMs` the watches are told in the reverse order; one watch never changes its order.
 */
export function withWatchesReversed(stream: Stream, windowMs: number): Stream {
  const { listed, told } = partsOf(stream);
  const windows: StreamEvent[][] = [];
  for (const event of told) {
    const begin = windows.at(-1)?.[0]?.atMs;
    if (begin !== undefined && event.atMs < begin + windowMs) windows.at(-1)?.push(event);
    else windows.push([event]);
  }
  return { ...stream, events: [...listed, ...windows.flatMap(reversed)] };
}

function reversed(window: readonly StreamEvent[]): readonly StreamEvent[] {
  const kinds = [...new Set(window.map(({ object }) => object.kind))].reverse();
  const events = kinds.flatMap((kind) => window.filter(({ object }) => object.kind === kind));
  // They come when events came: only which of them comes then is another.
  return events.map((event, index) => ({ ...event, atMs: window[index]?.atMs ?? event.atMs }));
}

/** The stream as it would have come if the watch of one kind lagged behind the others. */
export function withLateWatch(stream: Stream, kind: string, lateMs: number): Stream {
  const { listed, told } = partsOf(stream);
  const late = told.map((event) => (event.object.kind === kind ? { ...event, atMs: event.atMs + lateMs } : event));
  const events = [...listed, ...late.sort((a, b) => a.atMs - b.atMs)];
  return { ...stream, events, lastsMs: stream.lastsMs + lateMs };
}
