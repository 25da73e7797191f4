import type { Style } from '../events.ts';
import { countOf, formatSpan } from '../model/age.ts';
import { type DriftedField, formatDrift } from '../model/drift.ts';
import { readableImage } from '../model/image.ts';
import type { ObjectRef } from '../model/object.ts';
import { editCommand, formatRef } from '../model/object.ts';
import { formatReady } from '../model/readiness.ts';
import type { ApplicationStatus, LogLine, WorkloadStatus } from '../model/status.ts';
import { shorten } from '../model/text.ts';
import { formatLatest } from './format.ts';
import { plainLine } from './style.ts';
import { table } from './table.ts';

/** One line of a log behind its source. */
export function formatLogLine({ source, index, text }: LogLine, style: Style): string {
  return `${style.tint(source, index)} ${plainLine(text)}\n`;
}

/** An application on one screen: workloads, Services, HPAs, addresses. */
export function formatStatus(status: ApplicationStatus, style: Style): string {
  const { application, cluster, namespace, workloads, services, scalers, addresses, others, unread = [] } = status;
  const between = ` ${style.marks.between} `;
  const lines = [
    style.strong(`${application === '' ? '' : `${application} on `}${cluster}${between}namespace ${namespace}`) +
      releaseOf(status, between),
    '',
    ...table(
      ['', 'WORKLOAD', 'READY', 'UPDATED', 'RESTARTS', 'AGE', 'IMAGE'],
      workloads.map((row) => workloadCells(row, namespace, style)),
    ),
    ...workloads
      .filter(({ why }) => why !== '')
      .map(
        (row) =>
          `  ${style[row.state === 'failed' ? 'bad' : 'waiting'](row.object.name)}: ${row.why}${servesStill(row)}`,
      ),
    ...(workloads.length === 0 ? nothing(status) : []),
    ...section(
      table(
        ['', 'SERVICE', 'READY ENDPOINTS', 'PORTS'],
        services.map(({ object, readyEndpoints, detail }) => [
          '',
          shownName(object, namespace),
          String(readyEndpoints),
          detail,
        ]),
      ),
    ),
    ...section(
      table(
        ['', 'HPA', 'REPLICAS', 'BOUNDS', 'USED/TARGET'],
        scalers.map(({ object, current, min, max, figures }) => [
          '',
          shownName(object, namespace),
          String(current),
          `${min}-${max}`,
          figures.join(', '),
        ]),
      ),
    ),
    ...section(addresses.map((address) => `  http://${address}`)),
    ...section(formatChanged(status, style)),
    ...section(formatAdded(status, style)),
    ...section(status.release?.status === 'failed' ? [style.hint('next: why it failed: oms-deploy doctor')] : []),
    ...(unread.length > 0 ? ['', style.faint(`not shown, because it may not be read: ${unread.join(', ')}`)] : []),
    ...(workloads.length > 0 && others > 0
      ? ['', style.faint(`${countOf(others, 'other workload')} of the namespace: not of ${application}`)]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function releaseOf({ release }: ApplicationStatus, between: string): string {
  return release === undefined ? '' : `${between}${formatLatest(release)}`;
}

/** What somebody changed by hand since the release, a line each: a deploy sets it back. */
function formatChanged({ drift = [], release }: ApplicationStatus, style: Style): readonly string[] {
  const lines = drift.flatMap(({ object, fields, isGone }) => {
    const changed = fields.filter(({ isAdded }) => !isAdded);
    if (!isGone && changed.length === 0) return [];
    return [`    ${formatRef(object)}${isGone ? ': deleted' : ''}`, ...driftLines(changed)];
  });
  if (lines.length === 0) return [];
  const head = `  ${style.waiting('!')} Changed by hand since release ${release?.number ?? ''}:`;
  return [head, ...lines, `  ${style.hint('Set back what the manifests say: oms-deploy up.')}`];
}

/** What somebody added by hand, whenever that was: no deploy takes it away. */
function formatAdded({ drift = [] }: ApplicationStatus, style: Style): readonly string[] {
  const lines = drift.flatMap(({ object, fields }) => {
    const added = fields.filter(({ isAdded }) => isAdded);
    if (added.length === 0) return [];
    return [`    ${formatRef(object)}`, ...driftLines(added), `      ${style.hint(`remove: ${editCommand(object)}`)}`];
  });
  if (lines.length === 0) return [];
  const head = `  ${style.waiting('!')} Added by hand, and no deploy takes it away:`;
  return [head, ...lines, '  To keep it, write it into the manifests.'];
}

function driftLines(fields: readonly DriftedField[]): readonly string[] {
  return fields.map((field) => `      ${formatDrift(field, Date.now())}`);
}

/** In whose place nobody should deploy anything: the namespace may be another one than was meant. */
function nothing({ application, others, release, isGone = false }: ApplicationStatus): readonly string[] {
  const who = application === '' ? " that oms-deploy didn't deploy" : `, not of ${application}`;
  const there =
    others === 0 ? 'The namespace has no workloads.' : `The namespace has ${countOf(others, 'workload')}${who}.`;
  const what =
    application === ''
      ? 'oms-deploy has deployed nothing here.'
      : isGone
        ? `Nothing of ${application} is left here of release ${release?.number ?? ''}.`
        : `Nothing of ${application} is deployed here.`;
  return [`${what} ${there}`, 'next: another namespace, -n <name>'];
}

/** What is in another namespace is named with it. */
function shownName({ namespace, name }: ObjectRef, home: string): string {
  return namespace === undefined || namespace === home ? name : `${namespace}/${name}`;
}

function workloadCells(row: WorkloadStatus, home: string, style: Style): readonly string[] {
  const { object, state, isTroubled, desired, ready, updated, restarts, ageMs, images } = row;
  const mark = {
    ready: style.good(style.marks.done),
    progressing: style.waiting(isTroubled ? '!' : '~'),
    failed: style.bad(style.marks.failed),
  };
  const image = images.map((name) => imageCell(name, row)).join(', ');
  const shown = shownName(object, home);
  const name = object.kind === 'Deployment' ? shown : `${shown} (${object.kind})`;
  return [
    mark[state],
    name,
    formatReady({ ready, desired }),
    String(updated),
    String(restarts),
    formatSpan(ageMs),
    image,
  ];
}

/** `web:1.4`, and while pods of another version serve `web:1.3 -> 1.4 (1 of 2 updated)`. */
function imageCell(now: string, { olderImages, updated, desired }: WorkloadStatus): string {
  const older = olderImages.filter((one) => one.now === now);
  if (older.length === 0) return shortImage(now);
  const before = older.map(({ image }) => shortImage(image)).join(', ');
  const isSameName = older.every(({ image }) => nameOf(image) === nameOf(now));
  const after = isSameName ? shortImage(now).slice(nameOf(shortImage(now)).length + 1) || 'no tag' : shortImage(now);
  return `${before} -> ${after} (${updated} of ${desired} updated)`;
}

/** Without registry and path, and of tag and digest what a person tells it by. */
function shortImage(image: string): string {
  return shorten(readableImage(image.split('/').at(-1) ?? ''), 40);
}

/** An image without its tag or digest. */
function nameOf(image: string): string {
  return image.replace(/[:@][^/]*$/, '');
}

/** Which version answers now, where it isn't the one that the workload names. */
function servesStill({ olderImages }: WorkloadStatus): string {
  return olderImages
    .map(({ image, pods }) => `; ${countOf(pods, 'pod')} still ${pods === 1 ? 'serves' : 'serve'} ${shortImage(image)}`)
    .join('');
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
