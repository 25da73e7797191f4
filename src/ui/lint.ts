import type { Style } from '../events.ts';
import type { Linted } from '../lint/lint-files.ts';
import { countOf } from '../model/age.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import { withShown } from '../model/visible.ts';

/** What is wrong, by file and line, then the count and the next command, with the flags that name these manifests. */
export function formatLinted(linted: Linted, flags: string, style: Style): string {
  const { title, objects, findings } = withShown(linted, style.value);
  const files = [...new Set(findings.map(fileOf))];
  return [
    `${style.strong(`${title} ${style.marks.between} lint`)}   ${style.faint(countOf(objects, 'object'))}`,
    ...files.flatMap((file) => [
      '',
      style.strong(file || title),
      ...findings.filter((one) => fileOf(one) === file).flatMap((one) => lines(one, style)),
    ]),
    '',
    summary(findings, flags, style),
    '',
  ].join('\n');
}

function fileOf({ origin }: Finding): string {
  return origin?.file ?? '';
}

function lines({ severity, origin, cause, evidence, hits = [], fix, id }: Finding, style: Style): readonly string[] {
  const mark = { error: style.bad(style.marks.failed), warning: style.waiting('!'), info: ' ' }[severity];
  const line = origin === undefined ? '' : String(origin.line);
  return [
    `  ${line.padStart(5)}  ${mark} ${cause}  ${style.faint(id)}`,
    ...evidence.map((text) => `           proof  ${text}`),
    ...hits.map((text) => `           also   ${text}`),
    `           do     ${style.hint(fix)}`,
  ];
}

function summary(findings: readonly Finding[], flags: string, style: Style): string {
  const errors = errorsOf(findings).length;
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const notes = findings.length - errors - warnings;
  const counts = [
    ...(errors === 0 ? [] : [countOf(errors, 'error')]),
    ...(warnings === 0 ? [] : [countOf(warnings, 'warning')]),
    ...(notes === 0 ? [] : [countOf(notes, 'note')]),
  ];
  const next = style.hint(nextStep(errors, findings.length, flags));
  return `${counts.length === 0 ? 'Nothing to say' : counts.join(', ')}.   ${next}`;
}

/** An error can be silenced, too, but hardly ever is one meant. */
function nextStep(errors: number, all: number, flags: string): string {
  if (errors === 0) return `what a deploy would change: oms-deploy plan${flags}`;
  if (errors === all) return `correct ${errors === 1 ? 'it' : 'them'}, then lint again`;
  return 'correct the errors first; silence what else is meant: checks.ignore, with a reason';
}
