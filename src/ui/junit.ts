import type { CheckOutcome } from '../events.ts';
import { type Finding, formatPlace } from '../model/finding.ts';
import { visible } from '../model/visible.ts';
import type { RunEnd } from './listener.ts';

/**
 * A JUnit report of `verify` or `doctor`: a test case per check; one for the run itself where that has failed.
 * https://github.com/testmoapp/junitxml. `redact` sees texts as they are, not encoded.
 */
export function junitXml(end: RunEnd, elapsedMs: number, redact: (text: string) => string): string {
  const xml = (text: string): string => escapeXml(redact(text));
  const checks = 'result' in end ? (end.result.checks ?? []) : [];
  const cases = 'error' in end ? [errorCase(end, xml)] : checks.map((check) => caseOf(end.command, check, xml));
  const count = (status: CheckOutcome['status']): number => checks.filter((check) => check.status === status).length;
  const errors = 'error' in end ? 1 : 0;
  const counts = `tests="${cases.length}" failures="${count('failed')}" errors="${errors}" skipped="${count('skipped')}"`;
  const time = `time="${(elapsedMs / 1000).toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="oms-deploy" ${counts} ${time}>`,
    `  <testsuite name="${xml(`oms-deploy ${end.command}`)}" ${counts} ${time} timestamp="${new Date().toISOString()}">`,
    ...cases.map((one) => `    ${one}`),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

type Escape = (text: string) => string;

function caseOf(command: string, { id, summary, status, detail, findings }: CheckOutcome, xml: Escape): string {
  const head = `<testcase classname="${xml(`oms-deploy.${command}`)}" name="${xml(`${id}: ${summary}`)}"`;
  const text = xml(findings.map(textOf).join('\n\n'));
  const [first] = findings;
  switch (status) {
    case 'failed':
      return `${head}><failure type="${xml(first?.id ?? id)}" message="${xml(first?.cause ?? detail)}">${text}</failure></testcase>`;
    case 'skipped':
      return `${head}><skipped message="${xml(detail)}"/></testcase>`;
    case 'warned':
      return `${head}><system-out>${text}</system-out></testcase>`;
    case 'passed':
      return `${head}><system-out>${xml(detail)}</system-out></testcase>`;
  }
}

function errorCase({ command, error }: Extract<RunEnd, { error: unknown }>, xml: Escape): string {
  const { code, message, why, fix, findings } = error;
  const lines = [message, why, fix === undefined ? undefined : `do     ${fix}`].filter((line) => line !== undefined);
  const text = [lines.join('\n'), ...findings.map(textOf)].join('\n\n');
  return `<testcase classname="${xml(`oms-deploy.${command}`)}" name="${xml(command)}"><error type="${xml(code)}" message="${xml(message)}">${xml(text)}</error></testcase>`;
}

/** Cause, place, proof, what to do. */
function textOf(finding: Finding): string {
  const { id, severity, cause, evidence, hits = [], fix } = finding;
  const place = formatPlace(finding);
  return [
    `${severity}: ${cause} (${id})`,
    ...(place === '' ? [] : [`at     ${place}`]),
    ...evidence.map((line) => `proof  ${line}`),
    ...hits.map((line) => `hits   ${line}`),
    `do     ${fix}`,
  ].join('\n');
}

/** Text as XML 1.0 can hold it (https://www.w3.org/TR/xml/#charsets); what is hidden in it is shown. */
function escapeXml(text: string): string {
  return visible(text)
    .replace(/[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\t', '&#9;');
}
