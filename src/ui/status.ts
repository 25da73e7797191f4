import type { Style } from '../events.ts';
import { formatSpan } from '../model/age.ts';
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
      .map(({ object, why, state }) => `  ${style[state === 'failed' ? 'bad' : 'waiting'](object.name)}: ${why}`),
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
    ...(workloads.length === 0 ? [`Nothing of ${application} is deployed here.   next: oms-deploy up`] : []),
    ...(others > 0 ? ['', style.faint(`${others} other workloads in the namespace are not of ${application}`)] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function workloadCells(row: WorkloadStatus, style: Style): readonly string[] {
  const { object, state, isTroubled, desired, ready, updated, restarts, ageMs, images } = row;
  const mark = {
    ready: style.good(style.marks.done),
    progressing: style.waiting(isTroubled ? '!' : '~'),
    failed: style.bad(style.marks.failed),
  };
  const image = images.map((name) => shorten(name.split('/').at(-1) ?? '', 40)).join(', ');
  const name = object.kind === 'Deployment' ? object.name : `${object.name} (${object.kind})`;
  return [mark[state], name, `${ready}/${desired}`, String(updated), String(restarts), formatSpan(ageMs), image];
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
