import type { Style } from '../../events.ts';
import type { ObjectRef } from '../../model/object.ts';
import { formatReady, type ReplicaCount } from '../../model/readiness.ts';
import { isWorkload, type LiveRow } from './state.ts';

type Paint = (text: string) => string;

/** One cell of a row, before it has a width. */
interface Cell {
  readonly text: string;
  readonly paint: Paint;
}

/** One cell with its place. */
export interface Column extends Cell {
  readonly width: number;
  /** Blank columns before it. */
  readonly gap: number;
}

/** The cells of a row, by name. */
interface Cells {
  readonly wave: Cell;
  readonly name: Cell;
  readonly bar: Cell;
  readonly ready: Cell;
  readonly updated: Cell;
  readonly elapsed: Cell;
  readonly why: Cell;
  readonly event: Cell;
}

/** How wide the columns are; of a wide table also the wave, the updated pods and the Event. */
export interface Layout {
  readonly isWide: boolean;
  readonly widths: Readonly<Record<keyof Cells, number>>;
}

/** So much room for a reason is worth having at least, even while all reasons are shorter, and at most. */
const reasonRoom = { least: 20, most: 40 };
/** Beside an Event's reason the message begins: with less room it is better read on a line of its own. */
const eventRoom = 40;
const barWidth = 10;
/** With fewer columns the reason needs the room. */
const barFrom = 60;

const plain: Paint = (text) => text;

/** The cells of a row. The wave is said in the first row of it. */
export function rowCells(row: LiveRow, elapsed: string, isFirstOfWave: boolean, style: Style): Cells {
  const { state, count, why, wave, lastEvent } = row;
  const mark = { ready: style.good, failing: style.bad, waiting: style.waiting, starting: plain }[state];
  const reason = state === 'failing' ? `failing: ${why}` : state === 'ready' ? readyText(why) : why;
  return {
    wave: { text: isFirstOfWave ? wave : '', paint: style.faint },
    name: { text: nameOf(row.object), paint: plain },
    bar: { text: count === undefined ? '' : barOf(count, style.marks.bar), paint: mark },
    ready: { text: count === undefined ? '' : formatReady(count), paint: plain },
    updated: { text: count === undefined || state === 'ready' ? '' : `${count.updated} updated`, paint: plain },
    elapsed: { text: elapsed, paint: style.faint },
    why: { text: reason, paint: state === 'waiting' || state === 'starting' ? plain : mark },
    event: { text: state === 'ready' ? '' : lastEvent, paint: style.faint },
  };
}

function readyText(why: string): string {
  return why === '' ? 'ready' : `ready: ${why}`;
}

/** Workloads by their name; what else keeps the deploy waiting says its kind. */
export function nameOf(object: ObjectRef): string {
  return isWorkload(object) ? object.name : `${object.kind}/${object.name}`;
}

/** Ready pods, those that are only updated, and the rest. */
function barOf({ desired, updated, ready }: ReplicaCount, [done = '', begun = '', open = '']: string): string {
  const cells = (part: number): number =>
    desired === 0 ? barWidth : Math.min(barWidth, Math.floor((part / desired) * barWidth));
  // Old pods may be ready, too: only updated ones count.
  const full = cells(Math.min(ready, updated));
  const half = Math.max(cells(updated), full);
  return done.repeat(full) + begun.repeat(half - full) + open.repeat(barWidth - half);
}

/**
 * Names get up to a third of the terminal, what they wait for gets what is left. The table is wide where that is enough
 * for the reasons with the newest Events beside them.
 */
export function layoutOf(rows: readonly LiveRow[], columns: number, style: Style): Layout {
  const cells = rows.map((row) => rowCells(row, '', true, style));
  const widest = (name: keyof Cells): number => Math.max(0, ...cells.map((cell) => cell[name].text.length));
  const narrow = {
    wave: 0,
    name: Math.min(widest('name'), Math.max(12, Math.floor(columns * 0.3))),
    bar: columns >= barFrom && rows.some(({ count }) => count !== undefined) ? barWidth : 0,
    ready: widest('ready'),
    updated: 0,
    elapsed: 6,
  };
  const wide = { ...narrow, wave: Math.min(widest('wave'), 12), updated: widest('updated') };
  const reason = widest('why');
  const left = roomBeside(wide, columns);
  const isWide = left >= Math.min(Math.max(reason, reasonRoom.least), reasonRoom.most) + 2 + eventRoom;
  if (!isWide) return { isWide, widths: { ...narrow, why: roomBeside(narrow, columns), event: 0 } };
  const why = Math.min(reason, left - 2 - Math.min(widest('event'), eventRoom));
  return { isWide, widths: { ...wide, why, event: left - why - 2 } };
}

/** What columns of these widths, each with its gap, leave of the terminal to one more. */
function roomBeside(widths: Readonly<Record<string, number>>, columns: number): number {
  const used = Object.values(widths).reduce((sum, width) => sum + (width === 0 ? 0 : width + 2), 0);
  return Math.max(columns - used - 2, 0);
}

const order: readonly (keyof Cells)[] = ['wave', 'name', 'bar', 'ready', 'updated', 'elapsed', 'why', 'event'];

/** The cells in their order and widths; columns that nobody fills are left out. */
export function columnsOf(cells: Cells, { widths }: Layout): readonly Column[] {
  return order
    .filter((name) => widths[name] > 0)
    .map((name) => {
      const { text, paint } = cells[name];
      const aligned = name === 'elapsed' || name === 'ready' ? text.padStart(widths[name]) : text;
      return { text: aligned, paint, width: widths[name], gap: 2 };
    });
}
