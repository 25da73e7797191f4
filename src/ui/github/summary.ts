import { bySeverity, type Finding, formatPlace } from '../../model/finding.ts';
import { changesOf, countChanges, formatFieldChange, type Plan, type Target } from '../../model/plan.ts';
import type { RunEnd } from '../listener.ts';
import { type Checkout, checkoutPath } from './checkout-path.ts';
import { fitting, markdownTable, markdownText } from './markdown.ts';

/** What a run came to, as far as its summary shows it. */
export interface Course {
  readonly target?: Target | undefined;
  readonly plan?: Plan | undefined;
  readonly release?: number | undefined;
}

/** GitHub takes 1 MiB for all that a step writes. */
const maxBytes = 512 * 1024;
const rowsShown = 200;
const findingsShown = 100;

/** The summary of a run for the page of a workflow: where, what, how it ended, and what was found. */
export function summaryOf(
  { target, plan, release }: Course,
  end: RunEnd,
  checkout: Checkout,
  redact: (text: string) => string,
): string {
  const text = (value: string): string => markdownText(value, redact);
  return fitting(
    [
      `### ${text(`oms-deploy ${end.command}`)}: ${text(endingOf(end, release))}`,
      ...('error' in end ? errorLines(end.error, text) : []),
      ...(target === undefined ? [] : [markdownTable(['Target', ''], targetRows(target, text))]),
      ...(plan === undefined ? [] : planBlocks(plan, text)),
      ...findingBlocks('error' in end ? end.error.findings : end.result.findings, checkout, text),
    ],
    maxBytes,
  );
}

type Escape = (value: string) => string;

function endingOf(end: RunEnd, release: number | undefined): string {
  const number = release === undefined ? '' : `, release ${release}`;
  if ('error' in end) return `failed (exit code ${end.error.exitCode}${number})`;
  return `${end.result.ok ? 'done' : 'problems found'}${number}`;
}

function errorLines(
  { message, why, fix }: Extract<RunEnd, { error: unknown }>['error'],
  text: Escape,
): readonly string[] {
  return [
    `**${text(message)}**`,
    ...(why === undefined ? [] : [text(why)]),
    ...(fix === undefined ? [] : [`What to do: ${text(fix)}`]),
  ];
}

function targetRows({ account, region, cluster, server, version, namespace }: Target, text: Escape): string[][] {
  const rows = Object.entries({ account, region, cluster: `${cluster} (${server})`, Kubernetes: version, namespace });
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, text(value)]]));
}

const words = { create: 'create', update: 'change', delete: 'delete', unchanged: '' } as const;

function planBlocks(plan: Plan, text: Escape): readonly string[] {
  const { created, updated, unchanged, deleted } = countChanges(plan);
  const counts = `${created} to create, ${updated} to change, ${deleted} to delete, ${unchanged} unchanged`;
  const changes = changesOf(plan).filter(({ op }) => op !== 'unchanged');
  if (changes.length === 0) return [`Plan: ${counts}.`];
  const rows = changes.slice(0, rowsShown).map(({ op, manifest, fields, notes }) => {
    const details = [...fields.slice(0, 4).map((field) => formatFieldChange(field, 60)), ...notes].map(text);
    const more = fields.length > 4 ? [`and ${fields.length - 4} more`] : [];
    return [words[op], text(manifest.ref.kind), text(manifest.ref.name), [...details, ...more].join('<br>')];
  });
  const rest = changes.length - rows.length;
  return [
    `Plan: ${counts}.`,
    markdownTable(['', 'Kind', 'Name', 'What'], rows),
    ...(rest === 0 ? [] : [`And ${rest} more.`]),
  ];
}

function findingBlocks(findings: readonly Finding[], checkout: Checkout, text: Escape): readonly string[] {
  const sorted = findings.toSorted(bySeverity);
  const blocks = sorted.slice(0, findingsShown).map((finding) => {
    const { severity, id, cause, evidence, hits = [], fix } = finding;
    const place = formatPlace(inCheckout(finding, checkout));
    const lines = [
      `- **${severity}** ${text(cause)} (${text(id)})`,
      ...(place === '' ? [] : [`at ${text(place)}`]),
      ...evidence.slice(0, 10).map((line) => `proof: ${text(line)}`),
      ...hits.slice(0, 10).map((line) => `hits: ${text(line)}`),
      `what to do: ${text(fix)}`,
    ];
    return lines.join('<br>');
  });
  const rest = sorted.length - blocks.length;
  return [...blocks, ...(rest === 0 ? [] : [`And ${rest} more findings.`])];
}

/** The finding with its file as GitHub names it, where it is in the checkout. */
function inCheckout(finding: Finding, checkout: Checkout): Finding {
  const { origin } = finding;
  const file = origin === undefined ? undefined : checkoutPath(origin.file, checkout);
  return origin === undefined || file === undefined ? finding : { ...finding, origin: { ...origin, file } };
}
