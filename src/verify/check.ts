import { errorFinding, type Finding } from '../model/finding.ts';
import { formatRef, type ObjectRef } from '../model/object.ts';
import { sentence } from '../model/text.ts';
import type { Facts } from './facts.ts';

/** What a check found. `skipped`: it could not look, and why. */
export interface CheckResult {
  /** One line for a check that found nothing wrong: `pods 9/9 ready`; empty where there was nothing to look at. */
  readonly passed: string;
  readonly findings: readonly Finding[];
  readonly skipped?: string;
}

/** The commands that look; a preflight is part of those that deploy. */
export type Looking = 'verify' | 'doctor' | 'preflight';

/** One thing that is looked at. Pure: facts in, findings out. A file each; the list is in checks/index.ts. */
export interface Check {
  /** Stable: its findings' ids begin with the same area. */
  readonly id: string;
  /** What it looks at, for `--verbose` and the README. */
  readonly summary: string;
  /** The commands that run it. */
  readonly commands: readonly Looking[];
  /** What is wrong doesn't keep a deploy from being carried out: then the preflight only warns. */
  readonly isMild?: boolean;
  /** Kinds without which it can't look. */
  readonly needs: readonly string[];
  run(facts: Facts): CheckResult;
}

/** A check and its result. */
export interface Checked {
  readonly check: Check;
  readonly result: CheckResult;
}

/** Runs the checks of a command in their order. What may not be read is said, not guessed. */
export function runChecks(checks: readonly Check[], command: Looking, facts: Facts): readonly Checked[] {
  return checks
    .filter(({ commands }) => commands.includes(command))
    .map((check) => {
      const missing = check.needs.filter((kind) => !facts.world.isKnown(kind));
      if (missing.length === 0) return { check, result: asSevere(check, command, check.run(facts)) };
      const why = missing.map((kind) => facts.unread.get(kind) ?? `${kind} can't be read`).join('; ');
      return { check, result: { passed: '', findings: [], skipped: why } };
    });
}

function asSevere({ isMild = false }: Check, command: Looking, result: CheckResult): CheckResult {
  if (command !== 'preflight' || !isMild) return result;
  const findings = result.findings.map((finding) =>
    finding.severity === 'error' ? { ...finding, severity: 'warning' as const } : finding,
  );
  return { ...result, findings };
}

/** A problem of one object. `cause` is a clause: the object is named before it. */
export function problemOf(
  id: string,
  object: ObjectRef,
  cause: string,
  fix: string,
  evidence: readonly string[] = [],
): Finding {
  return errorFinding(id, sentence(`${formatRef(object)} ${cause}`), fix, { object, evidence });
}

/** The same as a warning: worth knowing, and no reason for exit 10. */
export function warningOf(
  id: string,
  object: ObjectRef,
  cause: string,
  fix: string,
  evidence: readonly string[] = [],
): Finding {
  return { ...problemOf(id, object, cause, fix, evidence), severity: 'warning' };
}
