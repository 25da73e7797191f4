import type { Timeline } from '../../model/timeline.ts';
import { formatElapsed } from '../style.ts';
import { clockOf, ganttRows, type Row, type Span } from './gantt-rows.ts';
import { clipped, html, type Markup } from './html.ts';
import { moreOf, type Room } from './room.ts';

/** The picture's measures, in units of its own: it is drawn as wide as the page. */
const width = 1000;
const left = 290;
const right = 835;
const top = 24;
const rowHeight = 18;
/** Of a name so many letters fit beside the bars. */
const nameLetters = 44;
const indents = { wave: 0, object: 8, pod: 16 } as const;
/** Thin before a pod is on a node, thick while it is waited for, a line once it is ready: to be told without colours. */
const heights = { wave: 10, rollout: 6, failed: 6, pending: 3, starting: 7, unready: 11, ready: 3 } as const;

/**
 * The timeline as a picture, with as many lines as there is room for; `id` tells its parts from those of other pictures. What
 * it shows is in a table, too.
 */
export function gantt(timeline: Timeline, id: string, room: Room): Markup {
  const all = ganttRows(timeline);
  const { lengthMs } = clockOf(timeline);
  const lines = room.take(all.map((row, index) => line(row, top + index * rowHeight, lengthMs)));
  const rows = all.slice(0, lines.length);
  const height = top + rows.length * rowHeight + 4;
  const waves = rows.filter(({ level }) => level === 'wave').length;
  const pods = rows.filter(({ level }) => level === 'pod').length;
  return html`<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-t"><svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d"><title id="${id}-t">Timeline of waves and pods</title><desc id="${id}-d">${waves} waves and ${pods} pods over ${formatElapsed(lengthMs)}, one line each, in the order of the waves. The tables below say the same.</desc>${ticksOf(lengthMs).map((ms) => tick(ms, lengthMs, height))}${lines}</svg>${moreOf('line', all, rows)}</div>`;
}

function line({ level, name, spans, words }: Row, y: number, lengthMs: number): Markup {
  const base = y + 13;
  return html`<g class="${level}"><title>${name}: ${words}</title><text x="${indents[level]}" y="${base}">${clipped(name, nameLetters, 'middle')}</text>${spans.map((span) => bar(span, y, lengthMs))}<text class="w" x="${width}" y="${base}">${words}</text></g>`;
}

/** A bar within the picture: what began before the timeline begins at its edge, and nothing is too short to be seen. */
function bar({ kind, fromMs, toMs }: Span, y: number, lengthMs: number): Markup | undefined {
  if (toMs < 0 || fromMs > lengthMs) return undefined;
  const [from, to] = [place(fromMs, lengthMs), place(toMs, lengthMs)];
  const height = heights[kind];
  return html`<rect class="${kind}" x="${from}" y="${y + (rowHeight - height) / 2}" width="${Math.max(1.5, rounded(to - from))}" height="${height}"/>`;
}

function place(ms: number, lengthMs: number): number {
  return rounded(left + (Math.min(Math.max(ms, 0), lengthMs) / lengthMs) * (right - left));
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

function tick(ms: number, lengthMs: number, height: number): Markup {
  const x = place(ms, lengthMs);
  return html`<path class="tick" d="M${x} ${top - 6}V${height}"/><text class="t" x="${x}" y="${top - 10}">${formatElapsed(ms).replace('.0s', 's')}</text>`;
}

const stepsMs = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200].map(
  (s) => s * 1000,
);

/** Round moments of which at most seven fit. */
function ticksOf(lengthMs: number): readonly number[] {
  const step = stepsMs.find((ms) => lengthMs / ms <= 6) ?? lengthMs;
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, index) => index * step);
}
