import type { DeployError } from '../errors.ts';
import type { Style } from '../events.ts';
import { countOf, formatSpan } from '../model/age.ts';
import { bySeverity, type Finding, formatPlace } from '../model/finding.ts';
import { type Input, shownSource, shownValue } from '../model/input.ts';
import type { ObjectRef } from '../model/object.ts';
import {
  type Change,
  changesOf,
  countChanges,
  type FieldChange,
  formatFieldChange,
  formatPreflight,
  hasChanges,
  type Plan,
  type Target,
} from '../model/plan.ts';
import type { ReleaseSummary } from '../model/release.ts';
import { shorten } from '../model/text.ts';
import { withShown } from '../model/visible.ts';
import { formatField, unlimited } from './diff.ts';
import { namesFor } from './table.ts';

/** The target block: account, cluster, namespace. */
export function formatTarget(target: Target, style: Style): readonly string[] {
  const { account, region, cluster, isSandbox = false, server, version, namespace, namespaceState, latest } = target;
  const between = ` ${style.marks.between} `;
  const state = { exists: 'exists', missing: 'will be created', terminating: 'is being deleted' }[namespaceState];
  const release = latest === undefined ? '' : `, ${formatLatest(latest)}`;
  return [
    style.strong('Target'),
    ...(account === undefined ? [] : [`  account    ${accountText(target)}`]),
    ...(region === undefined ? [] : [`  region     ${region}`]),
    `  cluster    ${cluster}${isSandbox ? ' (a sandbox on this machine)' : ''}${between}${server}${between}Kubernetes ${version.replace(/^v/, '')}`,
    `  namespace  ${namespace} (${state}${release})`,
  ];
}

function accountText({ account = '', alias, arn }: Target): string {
  return [alias === undefined ? account : `${account} (${alias})`, arn ?? ''].join('   ').trimEnd();
}

/** `release 6 by kim 3 d ago`, with how it ended if not well. */
export function formatLatest({ number, status, author, startedAt, endedAt }: ReleaseSummary): string {
  const age = formatSpan(Date.now() - Date.parse(endedAt ?? startedAt));
  return `release ${number}${status === 'deployed' ? '' : ` ${status}`} by ${author.user} ${age} ago`;
}

/** The inputs with value and source; secrets as `****`. */
export function formatInputs(inputs: readonly Input[], columns: number, style: Style): readonly string[] {
  if (inputs.length === 0) return [];
  const nameWidth = Math.max(...inputs.map(({ name }) => name.length));
  const values = inputs.map(shownValue);
  const sources = inputs.map(({ source }) => shownSource(source));
  const room = Math.max(columns - nameWidth - 6, 40);
  const sourceWidth = Math.min(widest(sources), Math.max(Math.floor(room * 0.45), room - widest(values)));
  const valueWidth = Math.min(widest(values), room - sourceWidth);
  const rows = inputs.map(({ name }, index) => {
    const value = shorten(values[index] ?? '', valueWidth).padEnd(valueWidth);
    return `  ${name.padEnd(nameWidth)}  ${value}  ${style.faint(shorten(sources[index] ?? '', sourceWidth))}`;
  });
  return [style.strong(`Inputs (${inputs.length})`), ...rows];
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

/** The plan: a line per change, its fields, and the counts. `details` shows every field and the unchanged objects. */
export function formatPlan(
  plan: Plan,
  details: boolean,
  columns: number,
  style: Style,
  clean: (text: string) => string = (text) => text,
): readonly string[] {
  const { created, updated, unchanged, deleted } = countChanges(plan);
  const changes = changesOf(plan).filter(({ op }) => details || op !== 'unchanged');
  const kindWidth = Math.max(0, ...changes.map(({ manifest }) => manifest.ref.kind.length));
  const nameOf = namesFor(changesOf(plan).map(({ manifest }) => manifest.ref));
  const nameWidth = Math.max(0, ...changes.map(({ manifest }) => nameOf(manifest.ref).length));
  const lines = changes.flatMap((change) =>
    formatChange(change, { kindWidth, nameWidth, nameOf, details, columns, clean }, style),
  );
  const counts = [
    `${created} to create`,
    `${updated} to change`,
    ...(deleted === 0 ? [] : [`${deleted} to delete`]),
    `${unchanged} unchanged`,
    ...(plan.preflight === undefined ? [] : [formatPreflight(plan.preflight)]),
  ];
  return [
    `${style.strong('Plan')}${plan.release === undefined ? '' : ` (release ${plan.release})`}`,
    ...lines,
    ...(hasChanges(plan) ? [] : ['  Nothing to change.']),
    `  ${counts.join(` ${style.marks.between} `)}`,
  ];
}

interface Columns {
  readonly kindWidth: number;
  readonly nameWidth: number;
  readonly nameOf: (ref: ObjectRef) => string;
  readonly details: boolean;
  readonly columns: number;
  readonly clean: (text: string) => string;
}

const fieldsShown = 4;

function formatChange({ op, manifest, fields, notes, hook }: Change, layout: Columns, style: Style): readonly string[] {
  const { kind } = manifest.ref;
  const name = layout.nameOf(manifest.ref);
  const opMark = { create: style.good('+'), update: style.waiting('~'), unchanged: ' ', delete: style.bad('-') }[op];
  const mark = hook === undefined ? opMark : style.waiting('!');
  const head = `  ${mark} ${kind.padEnd(layout.kindWidth)}  ${name.padEnd(layout.nameWidth)}`;
  const { details: isWhole, columns, clean } = layout;
  const shown = isWhole ? fields : fields.slice(0, fieldsShown);
  const widths = isWhole ? unlimited : { width: valueWidth(columns), lineWidth: columns - 8 };
  const blocks = [
    ...shown.map((field) => formatField(field, { ...widths, isWhole, clean }, style)),
    ...moreFields(fields.length - shown.length).map((line) => [line]),
    ...notes.map((note) => [note]),
  ];
  const indent = ' '.repeat(4 + layout.kindWidth + 2 + layout.nameWidth + 2);
  return blocks.length === 0
    ? [head.trimEnd()]
    : // The lines of a text begin further to the left: they need the room.
      blocks.flatMap(([first = '', ...beneath], index) => [
        `${index === 0 ? `${head}  ` : indent}${first}`,
        ...beneath,
      ]);
}

/** The changed fields of an object, a text each: the first ones, or all. */
export function shownFields(fields: readonly FieldChange[], all: boolean, width: number): readonly string[] {
  const shown = all ? fields : fields.slice(0, fieldsShown);
  return [...shown.map((field) => formatFieldChange(field, width)), ...moreFields(fields.length - shown.length)];
}

function moreFields(rest: number): readonly string[] {
  return rest > 0 ? [`and ${countOf(rest, 'more field')} (--verbose)`] : [];
}

/** Of a value as much as leaves room for two of them beside the path. */
function valueWidth(columns: number): number {
  return Math.max(Math.floor(columns / 2) - 10, 24);
}

/** One finding: cause, place, evidence, what to do. */
export function formatFinding(given: Finding, style: Style): readonly string[] {
  const finding = withShown(given, style.value);
  const mark = { error: style.bad(style.marks.failed), warning: style.waiting('!'), info: ' ' }[finding.severity];
  const place = formatPlace(finding);
  return [
    `  ${mark} ${finding.cause}`,
    ...(place === '' ? [] : [`      at     ${place}`]),
    ...labelled('proof', finding.evidence),
    ...labelled('hits', finding.hits ?? []),
    `      do     ${style.hint(finding.fix)}  ${style.faint(finding.id)}`,
  ];
}

/** A finding on the way to something else: of a note only its cause, unless details are asked for. */
export function formatNote(finding: Finding, details: boolean, style: Style): readonly string[] {
  if (details || finding.severity !== 'info') return formatFinding(finding, style);
  return [`    ${style.value(finding.cause)}  ${style.faint(finding.id)}`];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `      ${(index === 0 ? label : '').padEnd(6)} ${line}`);
}

/** Lines under their title; nothing where there are none. */
export function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : ['', style.strong(title), ...lines];
}

/** An error: what, why, all findings, what to do. Several findings that say the same of different places stay apart. */
export function formatError(error: DeployError, style: Style): readonly string[] {
  const findings = error.findings.toSorted(bySeverity);
  const { message, why, fix } = withShown({ message: error.message, why: error.why, fix: error.fix }, style.value);
  return [
    ...findings.flatMap((finding) => [...formatFinding(finding, style), '']),
    `${style.bad(style.marks.failed)} ${style.strong(message)}`,
    ...(why === undefined ? [] : [`  ${why}`]),
    ...(fix === undefined ? [] : [`  do  ${style.hint(fix)}`]),
  ];
}
