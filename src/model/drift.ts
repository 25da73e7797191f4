import { formatSpan } from './age.ts';
import type { ObjectRef } from './object.ts';
import { type FieldChange, formatFieldChange } from './plan.ts';

/** A field that somebody changed since the release, or added to what the manifests say. */
export interface DriftedField extends FieldChange {
  /** The field manager that set it; absent where it was removed. */
  readonly manager?: string;
  /** When, in milliseconds since the epoch. */
  readonly changedMs?: number;
  /** The manifests don't name it, and no deploy takes it away: server-side apply removes only what it has set itself. */
  readonly isAdded: boolean;
  /** It was there before the newest release ended. */
  readonly isOlder: boolean;
}

/** What was changed by hand in one object. */
export interface ObjectDrift {
  readonly object: ObjectRef;
  readonly fields: readonly DriftedField[];
  /** The object was deleted. */
  readonly isGone: boolean;
}

/** `spec.replicas: 2 -> 5, by kubectl-scale 12 min ago`. */
export function formatDrift(field: DriftedField, nowMs: number): string {
  const { manager, changedMs } = field;
  const age = changedMs === undefined ? '' : ` ${formatSpan(nowMs - changedMs)} ago`;
  return `${formatFieldChange(field, 40)}${manager === undefined ? '' : `, by ${manager}${age}`}`;
}
