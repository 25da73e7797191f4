import { setTimeout as delay } from 'node:timers/promises';
import { interrupted, systemCodeOf } from '../errors.ts';

const maxAttempts = 5;
const firstDelayMs = 150;
/** With patience a server is asked at least this often. */
const maxPatientDelayMs = 2_000;

/** Worth another try: overload, a server that restarts, a leader change (facts of the API, and etcd's). */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const transientErrors: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE']);
/** Worth another try only to those who wait for a cluster to come back. */
const patientErrors: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED']);
/** A connection that nothing listens on, or a name that doesn't exist, rarely heals within seconds. */
const hopelessAfterTries: Readonly<Record<string, number>> = { ECONNREFUSED: 3, ENOTFOUND: 2 };

/** True for an answer that may be another one later. */
export function isTransientStatus(status: number): boolean {
  return transientStatuses.has(status);
}

/** A typo or a wrong value in an apply patch is answered with 500, too: that one never heals. */
export function isAboutTheObject(text: string): boolean {
  return /failed to (create typed patch object|convert new object)/.test(text);
}

/** How one try of a request ended that may be worth another. */
export type Failed =
  | { readonly status: number; readonly text: string; readonly retryAfterMs?: number }
  | { readonly error: unknown };

/**
 * The pause in milliseconds before a request is tried again, or undefined where it should not be.
 *
 * @param tries how often it has been tried
 * @param patienceLeftMs how long the caller still waits for a cluster to come back; 0 or less where it doesn't
 */
export function pauseBefore(failed: Failed, tries: number, patienceLeftMs: number): number | undefined {
  const patient = patienceLeftMs > 0;
  if (!('error' in failed)) {
    if (!isTransientStatus(failed.status) || isAboutTheObject(failed.text)) return undefined;
  } else {
    const code = systemCodeOf(failed.error) ?? '';
    if (!transientErrors.has(code) && !(patient && patientErrors.has(code))) return undefined;
    if (!patient && tries >= (hopelessAfterTries[code] ?? maxAttempts)) return undefined;
  }
  if (!patient && tries >= maxAttempts) return undefined;
  const ownMs = firstDelayMs * 2 ** Math.min(tries - 1, 10) * (0.75 + Math.random() / 2);
  const pauseMs = ('error' in failed ? undefined : failed.retryAfterMs) ?? ownMs;
  return patient ? Math.min(pauseMs, maxPatientDelayMs, patienceLeftMs) : pauseMs;
}

/** Waits; throws the interruption where the signal fires first. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {
    throw interrupted();
  });
}
