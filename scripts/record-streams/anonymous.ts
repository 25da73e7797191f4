import { at, stringOf } from '../../src/model/json.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import { formatStream, parseStream, type Stream } from './stream.ts';

/** All streams begin in this second: the fractions of their times are real ones. */
const beginMs = Date.parse('2026-03-01T08:00:00Z');
const namespace = 'crypto-oms';

/**
 * The stream without what differs between two recordings of the same: the day, the namespace, uids and the random ends
 * of names. `api-7d9f8c-x2v4k` becomes `api-7d9f8c-a`, its uid `pod-1`.
 */
export function anonymous(stream: Stream): Stream {
  const first = firstOfEach(stream.events.map(({ object }) => object));
  const names = new Map([...uidsOf(first), ...eventNamesOf(first), ...randomNamesOf(first)]);
  if (stream.ref.namespace !== undefined) names.set(stream.ref.namespace, namespace);
  // The longest first: `api-x` is a part of `api-x.17a`.
  const known = [...names].sort(([a], [b]) => b.length - a.length);
  const text = known.reduce((rest, [from, to]) => rest.replaceAll(from, to), formatStream(stream));
  return parseStream(withOtherUids(withTimesMoved(text, beginMs - Math.floor(stream.sinceMs / 1000) * 1000)));
}

/** Each instance once, as it came first. */
function firstOfEach(objects: readonly KubernetesObject[]): readonly KubernetesObject[] {
  const byUid = new Map<string, KubernetesObject>();
  for (const object of objects) {
    const uid = object.metadata.uid ?? '';
    if (!byUid.has(uid)) byUid.set(uid, object);
  }
  return [...byUid.values()];
}

function uidsOf(objects: readonly KubernetesObject[]): readonly (readonly [string, string])[] {
  return numbered(objects, ({ kind }) => kind.toLowerCase()).map(([{ metadata }, uid]) => [metadata.uid ?? '', uid]);
}

/** Events are named after the nanosecond in which they were made. */
function eventNamesOf(objects: readonly KubernetesObject[]): readonly (readonly [string, string])[] {
  const events = objects.filter(
    ({ kind, metadata }) => kind === 'Event' && /\.[0-9a-f]{16}$/.test(metadata.name ?? ''),
  );
  const about = (event: KubernetesObject): string => stringOf(at(event, 'involvedObject', 'name')) ?? '';
  // What the event is about may have a random name itself, which is replaced after this one.
  const known = new Map(randomNamesOf(objects));
  return numbered(events, about).map(([{ metadata }, name]) => {
    const [, place = '', count = ''] = /^(.*)-(\d+)$/.exec(name) ?? [];
    return [metadata.name ?? '', `${known.get(place) ?? place}.${count}`];
  });
}

/** Pods and EndpointSlices whose names the API server has ended with five random letters. */
function randomNamesOf(objects: readonly KubernetesObject[]): readonly (readonly [string, string])[] {
  const random = objects.filter(
    ({ kind, metadata }) => (kind === 'Pod' || kind === 'EndpointSlice') && /-[a-z0-9]{5}$/.test(metadata.name ?? ''),
  );
  const stem = ({ metadata }: KubernetesObject): string => metadata.name?.slice(0, -6) ?? '';
  return numbered(random, stem).map(([object, name]) => {
    const count = Number(/\d+$/.exec(name)?.[0] ?? 1);
    return [object.metadata.name ?? '', `${stem(object)}-${String.fromCodePoint('a'.charCodeAt(0) + count - 1)}`];
  });
}

/** Each with a name of its own: the stem and its number among those of one stem. */
function numbered(
  objects: readonly KubernetesObject[],
  stemOf: (object: KubernetesObject) => string,
): readonly (readonly [KubernetesObject, string])[] {
  const counts = new Map<string, number>();
  return objects.map((object) => {
    const stem = stemOf(object);
    const count = (counts.get(stem) ?? 0) + 1;
    counts.set(stem, count);
    return [object, `${stem}-${count}`];
  });
}

/** Those of objects that are not in the stream themselves: an owner of another kind. */
function withOtherUids(text: string): string {
  const others = new Map<string, string>();
  return text.replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, (uid) => {
    const name = others.get(uid) ?? `other-${others.size + 1}`;
    others.set(uid, name);
    return name;
  });
}

/** Moves all times by whole seconds: what the API cuts to seconds stays as it is to what it doesn't. */
function withTimesMoved(text: string, byMs: number): string {
  return text.replaceAll(/\b(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)((?:\.\d+)?Z)/g, (whole, seconds: string, rest: string) => {
    const ms = Date.parse(`${seconds}Z`);
    // A run that never began began in 1970.
    return ms === 0 ? whole : `${new Date(ms + byMs).toISOString().slice(0, 19)}${rest}`;
  });
}
