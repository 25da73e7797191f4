import { structuredPatch } from 'diff';
import type { Style } from '../events.ts';
import { countOf } from '../model/age.ts';
import type { Json } from '../model/json.ts';
import { type FieldChange, formatFieldChange, formatValue } from '../model/plan.ts';
import { shorten } from '../model/text.ts';

/** How a changed field is shown. */
export interface DiffLook {
  /** So many letters of a value are shown. */
  readonly width: number;
  /** So many of a line of a text. */
  readonly lineWidth: number;
  /** With --verbose: all lines of a new or removed value. */
  readonly isWhole: boolean;
  /** Frees a value of secrets before it is taken apart: half a secret isn't known as one. */
  readonly clean: (text: string) => string;
}

/** With --verbose. */
export const unlimited = { width: Number.POSITIVE_INFINITY, lineWidth: Number.POSITIVE_INFINITY };

/** So many unchanged lines are shown around a changed one. */
const context = 2;
/** A text that differs in more lines is another text. */
const mostEdits = 2_000;
/** Of a long difference so many lines are shown. */
const mostLines = 24;

/** One changed field: a line, or for values of several lines one that counts and the lines that differ beneath it. */
export function formatField(field: FieldChange, look: DiffLook, style: Style): readonly string[] {
  const { path, shown } = field;
  if (shown !== undefined) return [shown];
  const [before, after] = [field.before, field.after].map((value) => cleaned(value, look.clean));
  if (isText(before) && isText(after) && [before, after].some((value) => value?.trimEnd().includes('\n') === true)) {
    return textLines(path, before ?? '', after ?? '', look, style);
  }
  const cut = { path, ...cutAround(before, after, look.width) };
  if (cut.before === undefined || cut.after === undefined) return [formatFieldChange(cut, look.width)];
  const show = (value: Json): string => formatValue(value, look.width);
  return [`${path}: ${style.bad(show(cut.before))} ${style.marks.arrow} ${style.good(show(cut.after))}`];
}

function cleaned(value: Json | undefined, clean: (text: string) => string): Json | undefined {
  return typeof value === 'string' ? clean(value) : value;
}

function isText(value: Json | undefined): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

type Pair = Pick<FieldChange, 'before' | 'after'>;

/** Two long texts without most of what they have in common at their beginning, so that the difference is seen. */
function cutAround(before: Json | undefined, after: Json | undefined, width: number): Pair {
  const whole = { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  if (typeof before !== 'string' || typeof after !== 'string') return whole;
  if (Math.max(before.length, after.length) <= width) return whole;
  let same = 0;
  while (same < Math.min(before.length, after.length) && before[same] === after[same]) same += 1;
  const from = same - Math.floor(width / 4);
  if (from <= 3) return whole;
  return { before: `...${before.slice(from)}`, after: `...${after.slice(from)}` };
}

function textLines(
  path: string,
  before: string,
  after: string,
  { lineWidth, isWhole }: DiffLook,
  style: Style,
): readonly string[] {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context, maxEditLength: mostEdits });
  if (patch === undefined)
    return [`${path}: another text (${countOf(linesIn(before), 'line')} before, ${linesIn(after)} now)`];
  const changed = patch.hunks.flatMap(({ lines }) => lines);
  const count = (mark: string): number => changed.filter((line) => line.startsWith(mark)).length;
  const counts = [
    countOf(count('+'), 'line added', 'lines added'),
    countOf(count('-'), 'line removed', 'lines removed'),
  ];
  let end = 1;
  const lines = patch.hunks.flatMap((hunk) => {
    const gap = folded(hunk.oldStart - end, style);
    end = hunk.oldStart + hunk.oldLines;
    // Where neither ends with a line break, that is no difference.
    const own = hunk.lines.filter((line) => !line.startsWith('\\') || endsLine(before) !== endsLine(after));
    return [...gap, ...own.map((line) => lineOf(line, lineWidth, style))];
  });
  const all = [...lines, ...folded(linesIn(before) + 1 - end, style)];
  const shown = isWhole || all.length <= mostLines ? all : all.slice(0, mostLines - 1);
  const rest = all.length - shown.length;
  const more = rest === 0 ? [] : [style.faint(`... and ${countOf(rest, 'more line')} (--verbose)`)];
  return [`${path}: ${counts.join(', ')}`, ...[...shown, ...more].map((line) => `        ${line}`)];
}

function endsLine(text: string): boolean {
  return text === '' || text.endsWith('\n');
}

/** What stays the same is told by its length. */
function folded(lines: number, style: Style): readonly string[] {
  return lines <= 0 ? [] : [style.faint(`... ${countOf(lines, 'unchanged line')}`)];
}

function lineOf(line: string, width: number, style: Style): string {
  if (line.startsWith('\\')) return style.faint('  (without a line break at its end)');
  const text = shorten(`${line[0] ?? ' '} ${line.slice(1).replaceAll('\t', '\\t')}`, width).trimEnd();
  if (line.startsWith('+')) return style.good(text);
  return line.startsWith('-') ? style.bad(text) : text;
}

function linesIn(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
}
