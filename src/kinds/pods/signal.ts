import type { Moment, Problem, Sighting, Sightings } from '../../model/readiness.ts';

/**
 * When a signal is a certain failure: `afterMs` since it was first seen, or after that many sightings, whichever comes
 * first. With neither: never, it is only said.
 */
export interface Rule {
  readonly afterMs?: number;
  readonly sightings?: number;
}

/** One thing that the cluster says of one container or pod. */
export interface Signal {
  /** What is counted: one key per container, signal and cause. */
  readonly key: string;
  /** Tells occurrences apart: a container run, an attempt to pull. Absent where nothing tells of one yet. */
  readonly occurrence?: string | undefined;
  /** Since when, where the cluster says it. */
  readonly sinceMs?: number | undefined;
  readonly rule: Rule;
  /** Absent for what is only remembered, because a later sighting may make it certain. */
  readonly problem?: Omit<Problem, 'certain'>;
}

/** What is remembered after these signals were seen at `nowMs`. Pure: the old memory stays as it was. */
export function remember(sightings: Sightings, signals: readonly Signal[], nowMs: number): Sightings {
  const next = new Map<string, Sighting>(sightings);
  for (const { key, occurrence, sinceMs } of signals) {
    const known = next.get(key);
    const firstMs = Math.min(known?.firstMs ?? nowMs, sinceMs ?? nowMs);
    const occurrences = known?.occurrences ?? [];
    const isNew = occurrence !== undefined && !occurrences.includes(occurrence);
    next.set(key, { firstMs, occurrences: isNew ? [...occurrences, occurrence] : occurrences });
  }
  return next;
}

/** The problem of a signal, and whether it is certain by now. */
export function judge(signal: Signal, moment: Moment, nowMs: number): Problem | undefined {
  const { key, rule, sinceMs, problem } = signal;
  if (problem === undefined) return undefined;
  const seen = moment.sightings.get(key);
  const firstMs = Math.min(seen?.firstMs ?? nowMs, sinceMs ?? nowMs);
  const byTime = rule.afterMs !== undefined && nowMs - firstMs >= rule.afterMs;
  const byCount = rule.sightings !== undefined && (seen?.occurrences.length ?? 0) >= rule.sightings;
  return { ...problem, certain: byTime || byCount };
}
