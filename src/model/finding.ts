import { formatOrigin, formatRef, type ObjectRef, type Origin } from './object.ts';

export type Severity = 'error' | 'warning' | 'info';

/**
 * Something that a check has to say: what is wrong, the proof, and what to do.
 * Lint, preflight, diagnosis, verify and doctor share this one shape.
 */
export interface Finding {
  /** Stable and greppable: `<area>/<what>`, such as `inputs/missing`. */
  readonly id: string;
  readonly severity: Severity;
  readonly object?: ObjectRef;
  readonly origin?: Origin;
  /** What `object` lacks, where it is an object of its own: it may be in the cluster. */
  readonly lacks?: ObjectRef;
  /** What else the same cause hits, a line each; absent where `object` says it all. */
  readonly hits?: readonly string[];
  /** A whole sentence. */
  readonly cause: string;
  readonly evidence: readonly string[];
  /** What to do, starting with a verb. */
  readonly fix: string;
}

/** A finding of severity `error` without evidence: the common case. */
export function errorFinding(
  id: string,
  cause: string,
  fix: string,
  where: { readonly object?: ObjectRef; readonly origin?: Origin; readonly evidence?: readonly string[] } = {},
): Finding {
  const { evidence = [], ...rest } = where;
  return { id, severity: 'error', ...rest, cause, evidence, fix };
}

const severityOrder: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Compares two for sorting: errors first. */
export function bySeverity(a: Pick<Finding, 'severity'>, b: Pick<Finding, 'severity'>): number {
  return severityOrder[a.severity] - severityOrder[b.severity];
}

/** The findings that stop a deploy. */
export function errorsOf(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding) => finding.severity === 'error');
}

/** `k8s/app.yaml:12 Deployment crypto-oms/web`, as far as both are known. */
export function formatPlace(finding: Finding): string {
  const origin = finding.origin === undefined ? [] : [formatOrigin(finding.origin)];
  const object = finding.object === undefined ? [] : [formatRef(finding.object)];
  return [...origin, ...object].join('  ');
}
