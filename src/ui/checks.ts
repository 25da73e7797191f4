import type { CheckOutcome, Style } from '../events.ts';
import { countOf } from '../model/age.ts';
import type { Finding } from '../model/finding.ts';
import type { JsonObject } from '../model/json.ts';
import { withShown } from '../model/visible.ts';
import type { Checked } from '../verify/check.ts';
import { isNotReadyCard } from '../verify/checks/workloads.ts';
import type { Verified } from '../verify/verify.ts';
import { formatFinding } from './format.ts';
import { formatElapsed } from './style.ts';

/** What `verify` and `doctor` have to say, errors first. */
export function findingsOf({ causes }: Verified): readonly Finding[] {
  return causes.map(({ finding }) => finding);
}

/** The checks that passed, a line each, then what is wrong, then the count and the next command. */
export function formatVerified(verified: Verified, command: 'verify' | 'doctor', style: Style): string {
  const { application, cluster, namespace, checked, elapsedMs } = withShown(verified, style.value);
  const findings = findingsOf(verified);
  const head = `${application} on ${cluster} ${style.marks.between} namespace ${namespace}`;
  const looked = checked.filter(({ result }) => statusOf(result) !== 'skipped');
  const count = `${countOf(looked.length, 'check')} in ${formatElapsed(elapsedMs)}`;
  const skipped = checked.filter(({ result }) => result.skipped !== undefined);
  return [
    `${style.strong(head)}   ${style.faint(count)}`,
    '',
    ...checked.filter(isPassed).map(({ result }) => `  ${style.good(style.marks.done)} ${result.passed}`),
    ...skipped.map(
      ({ check, result }) => `  ${style.waiting('-')} not checked: ${check.summary}: ${result.skipped ?? ''}`,
    ),
    ...findings.flatMap((finding) => formatFinding(finding, style)),
    '',
    summary(findings, command, style),
    '',
  ].join('\n');
}

function isPassed({ result }: Checked): boolean {
  return result.findings.length === 0 && result.skipped === undefined && result.passed !== '';
}

function summary(findings: readonly Finding[], command: 'verify' | 'doctor', style: Style): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const infos = findings.length - errors - warnings;
  const notes = [
    ...(warnings === 0 ? [] : [`, ${countOf(warnings, 'warning')}`]),
    ...(infos === 0 ? [] : [`, ${countOf(infos, 'note')}`]),
  ].join('');
  if (errors === 0) return `No problems${notes}.`;
  const unwell = findings.find(isNotReadyCard)?.object;
  const logs = unwell === undefined ? '' : `the logs: oms-deploy logs ${unwell.name}`;
  const next = command === 'verify' ? 'more of why: oms-deploy doctor' : logs;
  const more = [next, 'as JSON: --output json'].filter(Boolean).join(` ${style.marks.between} `);
  return style.hint(`${countOf(errors, 'problem')}${notes}.   ${more}`);
}

/** The result's fields for scripts: every check, and whether it passed. */
export function verifiedData(verified: Verified): JsonObject {
  const { application, cluster, namespace, elapsedMs } = verified;
  return {
    application,
    cluster,
    namespace,
    elapsedMs: Math.round(elapsedMs),
    checks: outcomesOf(verified).map(({ id, status, detail }) => ({ id, status, detail })),
  };
}

/** Every check, and what it came to. What it found is told as its root cause: the same words as on the screen. */
export function outcomesOf({ checked, causes }: Verified): readonly CheckOutcome[] {
  return checked.map(({ check, result }) => ({
    id: check.id,
    summary: check.summary,
    status: statusOf(result),
    detail: detailOf(result),
    findings: causes
      .filter(({ from }) => from.some((one) => result.findings.includes(one)))
      .map(({ finding }) => finding),
  }));
}

function detailOf(result: Checked['result']): string {
  if (hadNothing(result)) return result.skipped ?? 'there is nothing to look at';
  return result.findings.length === 0 ? result.passed : '';
}

function hadNothing({ findings, passed }: Pick<Checked['result'], 'findings' | 'passed'>): boolean {
  return findings.length === 0 && passed === '';
}

function statusOf({ findings, skipped, passed }: Checked['result']): CheckOutcome['status'] {
  if (skipped !== undefined || hadNothing({ findings, passed })) return 'skipped';
  if (findings.some(({ severity }) => severity === 'error')) return 'failed';
  return findings.length > 0 ? 'warned' : 'passed';
}
