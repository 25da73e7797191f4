import { pushTo } from './group.ts';
import { arrayOf, at, isObject, stringOf } from './json.ts';
import { type KubernetesObject, type ObjectRef, refKey, refOf } from './object.ts';

/** Live objects as they were at one moment: what rules and checks judge. Nobody changes it while it is read. */
export interface World {
  /** The API server's clock, milliseconds. */
  readonly nowMs: number;
  get(ref: ObjectRef): KubernetesObject | undefined;
  /** All objects of a kind, of every namespace that was read. */
  list(kind: string): readonly KubernetesObject[];
  /** The objects of a kind that have this owner. */
  ownedBy(uid: string, kind: string): readonly KubernetesObject[];
  /** The core Events about one object, oldest first. */
  eventsOf(uid: string): readonly KubernetesObject[];
  /** False where the kind could not be read: then an empty list says nothing. */
  isKnown(kind: string): boolean;
}

/** A world of these objects; `unread` names kinds that could not be read. */
export function worldOf(
  objects: Iterable<KubernetesObject>,
  nowMs: number,
  unread: ReadonlySet<string> = new Set(),
): World {
  const byRef = new Map<string, KubernetesObject>();
  const byKind = new Map<string, KubernetesObject[]>();
  const byOwner = new Map<string, KubernetesObject[]>();
  const events = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    byRef.set(refKey(refOf(object)), object);
    pushTo(byKind, object.kind, object);
    for (const owner of arrayOf(object.metadata.ownerReferences).filter(isObject)) {
      pushTo(byOwner, `${object.kind} ${stringOf(owner.uid) ?? ''}`, object);
    }
    if (object.kind === 'Event') pushTo(events, stringOf(at(object, 'involvedObject', 'uid')) ?? '', object);
  }
  for (const list of events.values()) list.sort((a, b) => eventTimeMs(a) - eventTimeMs(b));
  return {
    nowMs,
    get: (ref) => byRef.get(refKey(ref)),
    list: (kind) => byKind.get(kind) ?? [],
    ownedBy: (uid, kind) => byOwner.get(`${kind} ${uid}`) ?? [],
    eventsOf: (uid) => events.get(uid) ?? [],
    isKnown: (kind) => !unread.has(kind),
  };
}

/** When an Event was last seen, in milliseconds; 0 where it doesn't say. */
export function eventTimeMs(event: KubernetesObject): number {
  const seen = at(event, 'series', 'lastObservedTime') ?? event.lastTimestamp ?? event.eventTime;
  return timeMs(seen) ?? timeMs(event.metadata.creationTimestamp) ?? 0;
}

/** How often an Event was seen. */
export function eventCount(event: KubernetesObject): number {
  const count = at(event, 'series', 'count') ?? event.count;
  return typeof count === 'number' ? Math.max(count, 1) : 1;
}

/** A timestamp of the API (RFC 3339) in milliseconds, or undefined. */
export function timeMs(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
