import type { Style } from '../events.ts';
import { formatReady, type ReplicaCount } from '../model/readiness.ts';
import { nameOf } from './live/row.ts';
import { formatElapsed } from './style.ts';
import type { Waiting } from './waiting.ts';

/** So many are shown; what more is waited for is counted. */
const mostShown = 3;

/** What is waited for, as lines for a person: what fails comes first, the rest becomes a count. */
export function waitingLines(all: readonly Waiting[], style: Style): readonly string[] {
  const ranked = [...all].sort((a, b) => Number(b.isFailing) - Number(a.isFailing));
  const shown = ranked.slice(0, mostShown).map((waiting) => waitingLine(waiting, style));
  const more = all.length - shown.length;
  return more === 0 ? shown : [...shown, style.faint(`    and ${more} more waiting`)];
}

/** One of them, named as the live table names it. */
export function waitingLine({ what, count, why, isFailing, sinceMs }: Waiting, style: Style): string {
  const word = isFailing ? style.bad('failing') : style.waiting('waiting');
  const name = typeof what === 'string' ? what : nameOf(what);
  const share = count === undefined ? '' : `${progressBar(count)} ${formatReady(count)}  `;
  return `    ${word}  ${name}  ${share}${why}  ${style.faint(formatElapsed(Date.now() - sinceMs))}`;
}

function progressBar({ ready, desired }: ReplicaCount): string {
  const width = 10;
  const filled = desired === 0 ? width : Math.min(width, Math.floor((ready / desired) * width));
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
}
