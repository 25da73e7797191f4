import type { Style } from '../../events.ts';
import { shorten } from '../../model/text.ts';
import { formatSeconds } from '../style.ts';
import { isWorkload, type LiveState, type LiveWave } from './state.ts';

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

/** `wave 4: workloads (1 more) · 2 of 3 done · 1 of 3 ready · 12s` */
export function headLine(state: LiveState, { nowMs, columns }: Moment, style: Style): string {
  const { wave, rows, startedMs = nowMs } = state;
  const workloads = rows.filter(({ object }) => isWorkload(object));
  const ready = workloads.filter((row) => row.state === 'ready').length;
  const parts = [
    wave === undefined ? 'waiting' : waveText(wave, state.planned),
    ...(wave === undefined || wave.done >= wave.objects ? [] : [`${wave.done} of ${wave.objects} done`]),
    ...(workloads.length === 0 ? [] : [`${ready} of ${workloads.length} ready`]),
    formatSeconds(nowMs - startedMs),
  ];
  return style.strong(shorten(`  ${parts.join(` ${style.marks.between} `)}`, columns).slice(0, columns));
}

/** With its number in the plan: one that an annotation has made has no other name. */
function waveText({ name, number }: LiveWave, { waves }: LiveState['planned']): string {
  if (!waves.includes(number)) return name;
  const left = waves.filter((one) => one > number).length;
  return `${name === `wave ${number}` ? name : `wave ${number}: ${name}`} (${left === 0 ? 'the last' : `${left} more`})`;
}
