import type { History, ReleaseDiff } from '../deploy/history.ts';
import type { Style } from '../events.ts';
import { countOf, formatSpan } from '../model/age.ts';
import { shownSource } from '../model/input.ts';
import { formatOrigin, formatRef } from '../model/object.ts';
import {
  type Author,
  type Commit,
  goalOf,
  isWayBack,
  type Release,
  type ReleaseStatus,
  type ReleaseSummary,
} from '../model/release.ts';
import { onOneLine } from '../model/text.ts';
import { withShown } from '../model/visible.ts';
import { formatField, unlimited } from './diff.ts';
import { formatFinding, section } from './format.ts';
import { formatElapsed } from './style.ts';
import { kindRows, table } from './table.ts';

/** The list of releases, and what can be done with one. */
export function formatHistory(given: History, style: Style): string {
  const history = withShown(given, style.value);
  const { application, namespace, cluster, releases, holder } = history;
  const between = ` ${style.marks.between} `;
  const [newest] = releases;
  const lines = [
    style.strong(`${application} on ${cluster}${between}namespace ${namespace}`),
    '',
    ...table(
      // The longest at the end: a terminal breaks that line alone.
      ['', 'RELEASE', 'STATUS', 'AGE', 'BY', 'CHANGES', 'COMMIT', 'WHAT'],
      releases.map((release) => [mark(release.status, style), ...cellsOf(release)]),
    ),
    ...(releases.some(({ commit }) => commit?.dirty === true)
      ? ['', `  ${style.faint('+ behind a commit: with changes that were not committed')}`]
      : []),
    ...(newest === undefined ? [style.hint('  No release yet: oms-deploy up.')] : []),
    ...(newest?.message === undefined ? [] : ['', `  release ${newest.number}: ${newest.message}`]),
    ...(holder === undefined ? [] : ['', `  Being deployed now by ${holder}.`]),
    ...(newest === undefined ? [] : ['', 'Next', ...nextOf(releases).map((text) => `  ${style.hint(text)}`)]),
  ];
  return lines.join('\n');
}

function cellsOf(release: ReleaseSummary): readonly string[] {
  const { number, status, startedAt, endedAt, author, action, changes, commit } = release;
  const age = formatSpan(Date.now() - Date.parse(endedAt ?? startedAt));
  return [
    String(number),
    status,
    age,
    whoOf(author),
    changesOf(changes),
    commit === undefined ? '' : short(commit),
    action,
  ];
}

function nextOf(releases: readonly ReleaseSummary[]): readonly string[] {
  const [newest, before] = releases;
  const good = goodBefore(releases);
  return [
    `oms-deploy history show ${newest?.number ?? ''}`,
    ...(before === undefined ? [] : [`oms-deploy history diff ${before.number} ${newest?.number ?? ''}`]),
    ...(good === undefined ? [] : [`oms-deploy rollback ${good}`]),
  ];
}

/** Where a rollback may be meant to go. After a way back nowhere: before it was what somebody wanted to leave. */
function goodBefore([newest, ...before]: readonly ReleaseSummary[]): number | undefined {
  if (newest === undefined) return undefined;
  if (newest.status === 'deployed' && isWayBack(newest.action)) return undefined;
  return goalOf(newest.action) ?? before.find(({ status }) => status === 'deployed')?.number;
}

/** One release: who, what, with which inputs, and how it ended. */
export function formatRelease(given: Release, verbose: boolean, style: Style): string {
  const release = withShown(given, style.value);
  const { number, status, action, application, namespace, target, author, startedAt, endedAt, toolVersion } = release;
  const took = endedAt === undefined ? '' : `, ${formatElapsed(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const facts: readonly (readonly [string, string])[] = [
    ['status', `${status}${release.message === undefined ? '' : `: ${release.message}`}`],
    ['what', action],
    ['where', `${application} in ${namespace} on ${target.cluster} (${target.server})`],
    ...(target.account === undefined ? [] : [['account', `${target.account} ${target.region ?? ''}`.trim()] as const]),
    ['when', `${startedAt}${took}`],
    ['by', [whoOf(author), author.arn].filter(Boolean).join('  ')],
    ...(author.url === undefined ? [] : [['run', author.url] as const]),
    ...(release.commit === undefined ? [] : [['commit', commitOf(release.commit)] as const]),
    ['with', `oms-deploy ${toolVersion}`],
    ['changes', changesOf(release.changes)],
  ];
  return [
    style.strong(`Release ${number}`),
    ...facts.map(([name, value]) => `  ${name.padEnd(8)}  ${value}`),
    ...section('Inputs', inputRows(release), style),
    ...section('Images', imageRows(release), style),
    ...section('Objects', objectRows(release, verbose), style),
    ...section(
      'Set by one command',
      release.overrides.map(({ workload, container, image }) => `  ${formatRef(workload)}  ${container}: ${image}`),
      style,
    ),
    ...section(
      'Left the manifests and may still be there',
      release.left.map(({ ref }) => `  ${formatRef(ref)}`),
      style,
    ),
    ...section(
      'Findings',
      release.findings.flatMap((finding) => formatFinding(finding, style)),
      style,
    ),
  ].join('\n');
}

function inputRows({ inputs }: Release): readonly string[] {
  const rows = inputs.map(({ name, value, secret, source }) => [
    '',
    name,
    secret ? '****' : onOneLine(String(value)),
    shownSource(source),
  ]);
  return table(['', 'NAME', 'VALUE', 'SOURCE'], rows);
}

function imageRows({ images }: Release): readonly string[] {
  const rows = images.map(({ workload, container, image, id }) => ['', workload.name, container, image, digestOf(id)]);
  return table(['', 'WORKLOAD', 'CONTAINER', 'IMAGE', 'DIGEST'], rows);
}

function digestOf(id: string): string {
  return /sha256:[0-9a-f]{8,}/.exec(id)?.[0].slice(0, 19) ?? id;
}

function objectRows({ objects }: Release, verbose: boolean): readonly string[] {
  if (verbose) return objects.map(({ ref, origin }) => `  ${formatRef(ref)}  ${formatOrigin(origin)}`);
  return table(['', 'KIND', 'NAMES'], kindRows(objects.map(({ ref }) => ref)));
}

/** Of a value so much is shown. */
const valueWidth = 60;
/** And of a line of a text. */
const lineWidth = 100;

/** What one release has other than another one. */
export function formatReleaseDiff(diff: ReleaseDiff, verbose: boolean, style: Style): string {
  const { from, to, inputs, objects } = withShown(diff, style.value);
  const widths = verbose ? unlimited : { width: valueWidth, lineWidth };
  const look = { ...widths, isWhole: verbose, clean: (text: string) => text };
  const marks = { create: style.good('+'), update: style.waiting('~'), delete: style.bad('-') };
  const lines = [
    ...inputs.flatMap((field) => {
      const [first = '', ...beneath] = formatField(field, look, style);
      return [`  ${style.waiting('~')} input ${first}`, ...beneath];
    }),
    ...objects.flatMap(({ op, object, fields }) => [
      `  ${marks[op]} ${formatRef(object)}`,
      ...fields.flatMap((field) => formatField(field, look, style)).map((line) => `      ${line}`),
    ]),
  ];
  return [
    style.strong(`Release ${from} ${style.marks.arrow} ${to}`),
    ...(lines.length === 0 ? ['  The same objects with the same contents.'] : lines),
  ].join('\n');
}

function mark(status: ReleaseStatus, style: Style): string {
  if (status === 'deployed') return style.good(style.marks.done);
  return status === 'failed' ? style.bad(style.marks.failed) : style.waiting('!');
}

function whoOf({ user, host, url }: Author): string {
  return url === undefined ? `${user}@${host}` : 'CI';
}

function short({ hash, dirty }: Commit): string {
  return `${hash.slice(0, 8)}${dirty ? '+' : ''}`;
}

function commitOf({ hash, branch, dirty }: Commit): string {
  return [hash, branch, dirty ? 'with changes that are not in it' : undefined].filter(Boolean).join(', ');
}

function changesOf({ created, updated, deleted, unchanged }: ReleaseSummary['changes']): string {
  const parts = [
    created === 0 ? '' : `${created} created`,
    updated === 0 ? '' : `${updated} changed`,
    deleted === 0 ? '' : `${deleted} deleted`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? `none (${countOf(unchanged, 'object')})` : parts.join(', ');
}
