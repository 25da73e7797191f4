import type { Style } from '../../events.ts';
import { shorten } from '../../model/text.ts';
import { formatSeconds } from '../style.ts';
import { activityLines, headLine } from './head.ts';
import { type Column, columnsOf, type Layout, layoutOf, rowCells } from './row.ts';
import { isUnderWay, type LiveRow, type LiveState } from './state.ts';

/** What a picture is drawn for. */
export interface Frame {
  /** On the clock of the state. */
  readonly nowMs: number;
  /** Of the terminal, as are the rows. */
  readonly columns: number;
  readonly rows: number;
}

/** Left free below the table, for the cursor and for what the terminal echoes. */
const spareRows = 2;

/**
 * The live table: a head, a line for each workload and for what else keeps the deploy waiting, with the newest Event
 * below it where the terminal is narrow. Never more lines than the terminal has, and none wider than it is. Pure.
 */
export function formatLive(state: LiveState, frame: Frame, style: Style): readonly string[] {
  const activities = activityLines(state, frame, style);
  if (!isUnderWay(state)) return activities;
  const head = [headLine(state, frame, style), ...activities];
  const room = Math.max(frame.rows - spareRows - head.length, 0);
  return [...head, ...bodyLines(state.rows, room, frame, style)];
}

/** How it all ended, for the scrollback: every row, and nothing that goes on. */
export function formatEnd(state: LiveState, frame: Omit<Frame, 'rows'>, style: Style): readonly string[] {
  const layout = layoutOf(state.rows, frame.columns, style);
  return state.rows.map((row, index) => rowLine(row, state.rows[index - 1], layout, frame, style));
}

function bodyLines(rows: readonly LiveRow[], room: number, frame: Frame, style: Style): readonly string[] {
  const { shown, folded } = fold(rows, room);
  const layout = layoutOf(shown, frame.columns, style);
  const beneath = layout.isWide ? [] : shown.filter((row) => row.lastEvent !== '' && row.state !== 'ready');
  const hasRoom = shown.length + folded.length + beneath.length <= room;
  const lines = shown.flatMap((row, index) => [
    rowLine(row, shown[index - 1], layout, frame, style),
    ...(hasRoom && beneath.includes(row) ? [eventLine(row, frame.columns, style)] : []),
  ]);
  return [...lines, ...folded.map((text) => style.faint(shorten(`  ${text}`, frame.columns)))];
}

/** Where there are more rows than lines, the ready ones become a count; then what there is no room for. */
function fold(rows: readonly LiveRow[], room: number): { shown: readonly LiveRow[]; folded: readonly string[] } {
  if (rows.length <= room) return { shown: rows, folded: [] };
  const open = rows.filter(({ state }) => state !== 'ready');
  const ready = rows.length - open.length;
  const readyText = ready === 0 ? [] : [`and ${ready} ready`];
  if (open.length + readyText.length <= room) return { shown: open, folded: readyText };
  // What fails is what somebody has to see.
  const ranked = [...open].sort((a, b) => Number(b.state === 'failing') - Number(a.state === 'failing'));
  const kept = new Set(ranked.slice(0, Math.max(room - 1, 0)));
  const more = `${open.length - kept.size} more waiting`;
  const folded = room === 0 ? [] : [ready === 0 ? `and ${more}` : `and ${more}, ${ready} ready`];
  return { shown: open.filter((row) => kept.has(row)), folded };
}

function rowLine(
  row: LiveRow,
  before: LiveRow | undefined,
  layout: Layout,
  { nowMs, columns }: Omit<Frame, 'rows'>,
  style: Style,
): string {
  const elapsed = formatSeconds((row.endMs ?? nowMs) - row.sinceMs);
  const cells = rowCells(row, elapsed, row.wave !== before?.wave, style);
  return fitted(columnsOf(cells, layout), columns);
}

function eventLine({ lastEvent }: LiveRow, columns: number, style: Style): string {
  return style.faint(`      ${shorten(lastEvent, Math.max(columns - 6, 0))}`.slice(0, columns));
}

/** Columns side by side; the last one is cut where the terminal ends. */
function fitted(cells: readonly Column[], columns: number): string {
  let left = columns;
  let line = '';
  for (const { text, width, paint, gap } of cells) {
    const room = left - gap;
    if (room <= 0) break;
    const shown = shorten(text, Math.min(width, room)).slice(0, room);
    const padding = ' '.repeat(Math.max(Math.min(width, room) - shown.length, 0));
    line += ' '.repeat(gap) + paint(shown) + padding;
    left -= gap + shown.length + padding.length;
  }
  return line.trimEnd();
}
