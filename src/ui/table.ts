import type { ObjectRef } from '../model/object.ts';
import { onOneLine } from '../model/text.ts';

/** Columns as wide as they need; the first is the mark. Nothing where there is no row. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
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

/** How objects are named beside their kind: with their namespaces where these have several. */
export function namesFor(refs: readonly ObjectRef[]): (ref: ObjectRef) => string {
  const hasSeveral = new Set(refs.flatMap(({ namespace }) => namespace ?? [])).size > 1;
  return ({ namespace, name }) => onOneLine(hasSeveral && namespace !== undefined ? `${namespace}/${name}` : name);
}

/** Rows for objects: a kind each, with its names, behind a mark. */
export function kindRows(refs: readonly ObjectRef[], mark = ''): readonly (readonly string[])[] {
  const nameOf = namesFor(refs);
  const kinds = [...new Set(refs.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const names = refs.filter((ref) => ref.kind === kind).map(nameOf);
    return [mark, kind, names.join(', ')];
  });
}
