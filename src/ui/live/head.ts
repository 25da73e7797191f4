import type { Style } from '../../events.ts';
import { shorten } from '../../model/text.ts';
import { formatSeconds } from '../style.ts';
import { isWorkload, type LiveState } from './state.ts';

interface Moment {
  readonly nowMs: number;
  readonly columns: number;
}

/** What takes less is over before anybody has read it. */
const tellAfterMs = 2_000;

/** More than these at a time tell nobody more. */
const mostShown = 3;

/** What goes on beside the waves, each with its time. */
export function activityLines({ activities }: LiveState, { nowMs, columns }: Moment, style: Style): readonly string[] {
  const slow = activities.filter(({ sinceMs }) => nowMs - sinceMs >= tellAfterMs).slice(0, mostShown);
  return slow.map(({ message, sinceMs }) => {
    const elapsed = formatSeconds(nowMs - sinceMs);
    return style.faint(
      `  ${shorten(message, Math.max(columns - 4 - elapsed.length, 0))}  ${elapsed}`.slice(0, columns),
    );
  });
}

/** `wave 5 of 6: workloads · 2 of 3 applied · 1 of 3 ready · 12s` */
export function headLine(state: LiveState, { nowMs, columns }: Moment, style: Style): string {
  const { wave, rows, startedMs = nowMs } = state;
  const workloads = rows.filter(({ object }) => isWorkload(object));
  const ready = workloads.filter((row) => row.state === 'ready').length;
  const place = wave === undefined || wave.place === 0 ? '' : `wave ${wave.place} of ${state.planned.waves.length}: `;
  const parts = [
    wave === undefined ? 'waiting' : `${place}${wave.name}`,
    ...(wave === undefined || wave.done >= wave.objects ? [] : [`${wave.done} of ${wave.objects} done`]),
    ...(workloads.length === 0 ? [] : [`${ready} of ${workloads.length} ready`]),
    formatSeconds(nowMs - startedMs),
  ];
  return style.strong(shorten(`  ${parts.join(` ${style.marks.between} `)}`, columns).slice(0, columns));
}
