import type { Style } from '../events.ts';
import { countOf, formatSpan } from '../model/age.ts';
import type { ApplicationStatus, LogLine, WorkloadStatus } from '../model/status.ts';
import { shorten } from '../model/text.ts';
import { harmless } from './style.ts';

/** One line of a log behind its source. */
export function formatLogLine({ source, index, text }: LogLine, style: Style): string {
  return `${style.tint(source, index)} ${harmless(text)}\n`;
}

/** An application on one screen: workloads, Services, HPAs, addresses. */
export function formatStatus(status: ApplicationStatus, style: Style): string {
  const { application, cluster, namespace, workloads, services, scalers, addresses, others } = status;
  const between = ` ${style.marks.between} `;
  const lines = [
    style.strong(`${application} on ${cluster}${between}namespace ${namespace}`),
    '',
    ...table(
      ['', 'WORKLOAD', 'READY', 'UPDATED', 'RESTARTS', 'AGE', 'IMAGE'],
      workloads.map((row) => workloadCells(row, style)),
    ),
    ...workloads
      .filter(({ why }) => why !== '')
      .map(
        (row) =>
          `  ${style[row.state === 'failed' ? 'bad' : 'waiting'](row.object.name)}: ${row.why}${servesStill(row)}`,
      ),
    ...(workloads.length === 0 ? nothing(application, others) : []),
    ...section(
      table(
        ['', 'SERVICE', 'READY ENDPOINTS', 'PORTS'],
        services.map(({ object, readyEndpoints, detail }) => ['', object.name, String(readyEndpoints), detail]),
      ),
    ),
    ...section(
      table(
        ['', 'HPA', 'REPLICAS', 'BOUNDS', 'USED/TARGET'],
        scalers.map(({ object, current, min, max, figures }) => [
          '',
          object.name,
          String(current),
          `${min}-${max}`,
          figures.join(', '),
        ]),
      ),
    ),
    ...section(addresses.map((address) => `  http://${address}`)),
    ...(workloads.length > 0 && others > 0
      ? ['', style.faint(`${countOf(others, 'other workload')} of the namespace: not of ${application}`)]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** In whose place nobody should deploy anything: the namespace may be another one than was meant. */
function nothing(application: string, others: number): readonly string[] {
  const who = application === 'oms-deploy' ? " that oms-deploy didn't deploy" : `, not of ${application}`;
  const there =
    others === 0 ? 'The namespace has no workloads.' : `The namespace has ${countOf(others, 'workload')}${who}.`;
  return [`Nothing of ${application} is deployed here. ${there}`, 'next: another namespace, -n <name>'];
}

function workloadCells(row: WorkloadStatus, style: Style): readonly string[] {
  const { object, state, isTroubled, desired, ready, updated, restarts, ageMs, images } = row;
  const mark = {
    ready: style.good(style.marks.done),
    progressing: style.waiting(isTroubled ? '!' : '~'),
    failed: style.bad(style.marks.failed),
  };
  const image = images.map((name) => imageCell(name, row)).join(', ');
  const name = object.kind === 'Deployment' ? object.name : `${object.name} (${object.kind})`;
  return [mark[state], name, `${ready}/${desired}`, String(updated), String(restarts), formatSpan(ageMs), image];
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

/** Without registry and path. */
function shortImage(image: string): string {
  return shorten(image.split('/').at(-1) ?? '', 40);
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

/** Columns as wide as they need; the first is the mark. Nothing where there is no row. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (column === 0 ? 1 : (row[column] ?? '').length))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => (column === 0 ? cell || ' ' : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(head), ...rows.map(line)].map((text) => `  ${text}`);
}
