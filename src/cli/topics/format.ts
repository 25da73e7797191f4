import type { Topic, TopicTable } from './topic.ts';

/** As wide as commander's help where the width isn't known. */
const width = 80;
/** No column but the last gets more: a long cell goes on in the next line. */
const maxColumn = 30;

/** A topic as text of at most 80 columns; what has no spaces may be longer. */
export function formatTopic({ lead, tables }: Topic): string {
  return [`${wrap(lead, width).join('\n')}\n`, ...tables.map(formatTable)].join('\n');
}

function formatTable({ head, rows }: TopicTable): string {
  const last = head.length - 1;
  const natural = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const columns = natural.map((most, column) => (column === last ? most : Math.min(most, maxColumn)));
  const before = columns.slice(0, last).reduce((sum, one) => sum + one + 2, 2);
  const widths = [...columns.slice(0, last), Math.max(20, width - before)];
  return [head.map((title) => title.toUpperCase()), ...rows].map((row) => formatRow(row, widths)).join('');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const cells = widths.map((most, column) => wrap(row[column] ?? '', most));
  const height = Math.max(...cells.map(({ length }) => length));
  const lines = Array.from({ length: height }, (_, index) =>
    cells.map((cell, column) => (cell[index] ?? '').padEnd(widths[column] ?? 0)).join('  '),
  );
  return lines
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')
    .concat('\n');
}

function wrap(text: string, most: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= most) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
