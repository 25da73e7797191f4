import type { DeployEvent } from '../events.ts';
import type { Lines } from './reporter.ts';
import { createWaitingList, type Waiting } from './waiting.ts';

/** After so long without a line it is said what is waited for. */
export const heartbeatMs = 30_000;

/** Tells on, where lines would fall silent, what is waited for. */
export interface Heartbeat {
  /** What has happened: it tells what is waited for now. */
  heard(event: DeployEvent): void;
  /** Says what is waited for now, whenever the last line was written. */
  speak(): void;
  /** The same lines; with each the silence begins anew. */
  through(lines: Lines): Lines;
  /** Runs a question: while somebody thinks nothing is said. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** A heartbeat that says by `say` what is waited for, the first of it first. It keeps no process alive. */
export function createHeartbeat(
  say: (first: Waiting, others: readonly Waiting[]) => void,
  intervalMs: number,
): Heartbeat {
  const list = createWaitingList();
  let spokenMs = Date.now();
  let timer: NodeJS.Timeout | undefined;
  // One timer for all lines: it looks whether they have gone silent.
  const wait = (ms: number): void => {
    timer = setTimeout(beat, ms).unref();
  };
  const spoke = (): void => {
    spokenMs = Date.now();
  };
  const speak = (): void => {
    const [first, ...others] = list.now();
    if (first !== undefined) say(first, others);
    spoke();
  };
  const beat = (): void => {
    const leftMs = spokenMs + intervalMs - Date.now();
    if (leftMs > 0) return wait(leftMs);
    speak();
    wait(intervalMs);
  };
  wait(intervalMs);
  return {
    heard: (event) => list.heard(event),
    speak,
    through: (lines) => withEach(spoke, lines),
    async aside(work) {
      clearTimeout(timer);
      try {
        return await work();
      } finally {
        spoke();
        wait(intervalMs);
      }
    },
    stop: () => clearTimeout(timer),
  };
}

/** Lines that call `spoke` with each text. */
function withEach(spoke: () => void, lines: Lines): Lines {
  return {
    out(text) {
      spoke();
      lines.out(text);
    },
    data(text) {
      spoke();
      lines.data(text);
    },
    err(line) {
      spoke();
      lines.err(line);
    },
    redact: lines.redact,
    style: lines.style,
    get columns() {
      return lines.columns;
    },
    canRedraw: lines.canRedraw,
  };
}
