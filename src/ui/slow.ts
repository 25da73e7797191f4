import type { DeployEvent } from '../events.ts';
import { formatElapsed } from './style.ts';

/** What takes longer is told. */
const tellAfterMs = 3_000;

/** For terminals that can't draw: a line for each activity that takes long. */
export function slowActivities(print: (line: string) => void): (event: DeployEvent) => void {
  const timers = new Map<string, NodeJS.Timeout>();
  return (event) => {
    if (event.type !== 'activity') return;
    const { message, isOver } = event;
    clearTimeout(timers.get(message));
    timers.delete(message);
    if (isOver) return;
    const timer = setTimeout(() => print(`${message} (${formatElapsed(tellAfterMs)} so far)`), tellAfterMs);
    timer.unref();
    timers.set(message, timer);
  };
}
