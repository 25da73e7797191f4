import { isObject, type Json, objectOf, stringOf } from '../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject, type ObjectRef } from '../../src/model/object.ts';
import { timeMs } from '../../src/model/world.ts';

/** What the watches of one wait have told, in order: a file of test/fixtures/streams. */
export interface Stream {
  /** What it shows, in one sentence. */
  readonly shows: string;
  /** The object that is judged. */
  readonly ref: ObjectRef;
  /** When it was applied, on the API server's clock. */
  readonly sinceMs: number;
  /** How long it was watched from then on: time passes after the last event, too. */
  readonly lastsMs: number;
  readonly events: readonly StreamEvent[];
}

/** One event of a watch. What was there when the watch began is added at 0 ms. */
export interface StreamEvent {
  /** Milliseconds since the apply. */
  readonly atMs: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

/** NDJSON: a line for the whole, then one for each event. */
export function formatStream({ shows, ref, sinceMs, lastsMs, events }: Stream): string {
  const head = { shows, ref, since: new Date(sinceMs).toISOString(), lastsMs };
  return [head, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Reads what `formatStream` has written. */
export function parseStream(text: string): Stream {
  const [head, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line): Json => JSON.parse(line));
  const { shows, ref, since, lastsMs } = objectOf(head);
  const sinceMs = timeMs(since);
  if (typeof shows !== 'string' || sinceMs === undefined || typeof lastsMs !== 'number') {
    throw new Error('The first line must have shows, ref, since and lastsMs.');
  }
  return { shows, ref: parseRef(ref), sinceMs, lastsMs, events: lines.map(parseEvent) };
}

function parseRef(value: unknown): ObjectRef {
  const { apiVersion, kind, namespace, name } = objectOf(value);
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof name !== 'string') {
    throw new Error('ref must have apiVersion, kind and name.');
  }
  return { apiVersion, kind, name, ...(typeof namespace === 'string' ? { namespace } : {}) };
}

function parseEvent(line: Json): StreamEvent {
  const { atMs, type, object } = objectOf(line);
  const isType = type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED';
  if (!isObject(line) || typeof atMs !== 'number' || !isType || !isKubernetesObject(object)) {
    throw new Error(`This is no event: ${stringOf(type) ?? JSON.stringify(line)}`);
  }
  return { atMs, type, object };
}
