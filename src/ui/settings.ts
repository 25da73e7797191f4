import type { Setting } from '../config/settings.ts';
import type { Json } from '../model/json.ts';
import { onOneLine } from '../model/text.ts';

/** One line a setting: its path, its value, and who says it. */
export function formatSettings(settings: readonly Setting[]): string {
  const rows = settings.map(({ path, value, source, detail }) => [
    path.join('.'),
    onOneLine(shown(value)),
    detail === '' ? source : `${source} ${detail}`,
  ]);
  const widths = [0, 1].map((column) => Math.min(48, Math.max(...rows.map((row) => row[column]?.length ?? 0))));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

function shown(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
