import { formatSpan } from '../model/age.ts';
import { at, isObject, numberOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Author } from '../model/release.ts';
import { timeMs } from '../model/world.ts';
import { leaseRef, type Place } from './place.ts';

/** On the Lease: who holds it, as JSON. */
export const holderAnnotation = 'oms-deploy.io/holder';

/** Who holds a lock, as it is written into the Lease and shown to who has to wait. */
export interface LockHolder {
  readonly author: Author;
  /** `up`, `rollback to 3`. */
  readonly action: string;
  /** ISO 8601. */
  readonly since: string;
  /** What it is doing: `wave workloads`. */
  readonly phase: string;
}

/** A lock as it was read: who holds it, if anybody. */
export interface LockState {
  /** Of the Lease; absent where there is none. */
  readonly version?: string;
  readonly holder?: LockHolder;
  /** The holder has not renewed it for its whole duration: it is dead. */
  readonly isExpired: boolean;
  readonly renewedMs?: number;
}

/** Reads a lock, without taking it. */
export async function readLock(place: Place, signal: AbortSignal): Promise<LockState> {
  return stateOf(await place.cluster.get(leaseRef(place), signal), place.cluster.now());
}

/** What a Lease says. */
export function stateOf(lease: KubernetesObject | undefined, nowMs: number): LockState {
  const version = lease?.metadata.resourceVersion;
  const identity = stringOf(at(lease, 'spec', 'holderIdentity')) ?? '';
  if (lease === undefined || version === undefined) return { isExpired: false };
  if (identity === '') return { version, isExpired: false };
  const renewedMs = timeMs(at(lease, 'spec', 'renewTime')) ?? 0;
  const durationMs = numberOf(at(lease, 'spec', 'leaseDurationSeconds'), 0) * 1000;
  // The clock that we read it by is exact to a second.
  const isExpired = nowMs - renewedMs > durationMs + 1000;
  return { version, holder: holderOf(lease, identity), isExpired, renewedMs };
}

function holderOf(lease: KubernetesObject, identity: string): LockHolder {
  try {
    const value: unknown = JSON.parse(lease.metadata.annotations?.[holderAnnotation] ?? '');
    if (isHolder(value)) return value;
  } catch {
    // Somebody has written the Lease by hand: its identity is all there is.
  }
  const since = stringOf(at(lease, 'spec', 'acquireTime')) ?? '';
  return { author: { user: identity, host: '' }, action: 'a deploy', since, phase: '' };
}

function isHolder(value: unknown): value is LockHolder {
  const texts = ['action', 'since', 'phase'];
  return isObject(value) && isObject(value.author) && texts.every((name) => typeof value[name] === 'string');
}

/** `kim@laptop (up, wave workloads), for 3 min`. */
export function formatHolder({ author, action, since, phase }: LockHolder, nowMs: number): string {
  const { user, host, url } = author;
  const who = url ?? (host === '' ? user : `${user}@${host}`);
  const sinceMs = timeMs(since);
  const age = sinceMs === undefined ? '' : `, for ${formatSpan(Math.max(0, nowMs - sinceMs))}`;
  return `${who} (${[action, phase].filter((word) => word !== '').join(', ')})${age}`;
}

/** The Lease, renewed: its holder goes on, with this. */
export function renewed(lease: KubernetesObject, phase: string, nowMs: number): KubernetesObject {
  const holder = JSON.stringify({ ...holderOf(lease, ''), phase });
  const annotations = { ...lease.metadata.annotations, [holderAnnotation]: holder };
  return withSpec({ ...lease, metadata: { ...lease.metadata, annotations } }, { renewTime: microTime(nowMs) });
}

/** The Lease that nobody holds any more. */
export function released(lease: KubernetesObject, nowMs: number): KubernetesObject {
  return withSpec(lease, { holderIdentity: '', renewTime: microTime(nowMs) });
}

function withSpec(lease: KubernetesObject, change: Readonly<Record<string, string>>): KubernetesObject {
  const spec = isObject(lease.spec) ? lease.spec : {};
  return { ...lease, spec: { ...spec, ...change } };
}

/** `metav1.MicroTime`. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
