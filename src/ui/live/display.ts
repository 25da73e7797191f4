import type { DeployEvent, Style } from '../../events.ts';
import { plainLine } from '../style.ts';
import type { Terminal } from '../terminal.ts';
import { createRegion } from './region.ts';
import { afterEvent, isUnderWay, isWorkload, type LiveState, noState } from './state.ts';
import { formatEnd, formatLive } from './table.ts';

/** The live table of a run, and what goes on beside it. */
export interface Display {
  /** Takes in what has happened. True where the table shows it, so that it needs no line. */
  readonly event: (event: DeployEvent) => boolean;
  /** Writes above the table. */
  readonly write: (text: string) => void;
  /** Runs something that uses the terminal itself, such as a question. The table is away meanwhile. */
  readonly aside: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether the terminal is large enough for the table, now. */
  readonly isLarge: () => boolean;
  /** Calls `say` whenever the terminal has become too small for the table that it showed. */
  readonly onTooSmall: (say: () => void) => void;
  /** Takes the table away until the next frame: for what is written to the other stream of the same terminal. */
  readonly clear: () => void;
  /** Takes the table away; what it showed last stays as ordinary lines. */
  readonly end: () => void;
}

/** At most so often a frame is drawn, in milliseconds. */
const frameMs = 100;
/** So often the times go on. */
const tickMs = 1_000;
/** A smaller terminal gets lines. */
const smallest = { columns: 40, rows: 10 };

/** Makes the display of a terminal that can draw. `redact` takes secrets out of a text. */
export function createDisplay(terminal: Terminal, style: Style, redact: (text: string) => string): Display {
  const region = createRegion(terminal);
  const clean = (text: string): string => oneLine(redact(text));
  let state: LiveState = noState;
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Number.POSITIVE_INFINITY;
  let drawnMs = Number.NEGATIVE_INFINITY;
  let isAside = false;
  /** The last frame had the table. */
  let hasTable = false;
  let saySmall = (): void => undefined;
  /** Lines have told nothing of it. */
  let isShown = false;
  const now = (): number => performance.now();
  const isLarge = (): boolean => terminal.columns >= smallest.columns && terminal.rows >= smallest.rows;
  const schedule = (atMs: number): void => {
    if (atMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = atMs;
    timer = setTimeout(frame, Math.max(atMs - now(), 0));
    // Who only waits for the table has nothing to wait for.
    timer.unref();
  };
  const frame = (): void => {
    dueMs = Number.POSITIVE_INFINITY;
    if (isAside) return;
    const isBusy = isUnderWay(state) || state.activities.length > 0;
    drawnMs = now();
    const { columns, rows } = terminal;
    region.draw(isBusy && isLarge() ? formatLive(state, { nowMs: drawnMs, columns, rows }, style) : []);
    const hadTable = hasTable;
    hasTable = isUnderWay(state) && isLarge();
    if (hadTable && !isLarge()) saySmall();
    if (isBusy) schedule(drawnMs + tickMs);
  };
  const stopWatching = terminal.watch({
    resized() {
      region.resized();
      schedule(0);
    },
    leaving: region.leave,
  });
  const end = (): void => {
    region.clear();
    const last = formatEnd(state, { nowMs: now(), columns: terminal.columns }, style);
    if (isShown) for (const line of last) terminal.writeErr(`${line}\n`);
    isShown = false;
    hasTable = false;
    state = { ...noState, planned: state.planned, activities: state.activities };
  };
  return {
    event(event) {
      const isEnd = event.type === 'release' && event.status !== 'deploying';
      state = afterEvent(state, event, now(), clean);
      if (isEnd) end();
      schedule(drawnMs + frameMs);
      const isTaken = isLarge() && isInTable(event);
      isShown ||= isTaken && event.type !== 'activity';
      return isTaken;
    },
    write: region.write,
    isLarge,
    onTooSmall(say) {
      saySmall = say;
    },
    async aside(work) {
      isAside = true;
      region.clear();
      try {
        return await work();
      } finally {
        isAside = false;
        schedule(drawnMs + frameMs);
      }
    },
    clear() {
      region.clear();
      schedule(drawnMs + frameMs);
    },
    end() {
      end();
      clearTimeout(timer);
      stopWatching();
    },
  };
}

/** A text of the cluster as a cell: colours of its own would go on beyond it. */
function oneLine(text: string): string {
  return plainLine(text.replace(/\s+/g, ' ')).replace(/ +/g, ' ').trim();
}

/** What others have waited for, and is ready now, leaves the table: that is worth a line. */
function isInTable(event: DeployEvent): boolean {
  if (event.type === 'ready') return isWorkload(event.object);
  return event.type === 'progress' || event.type === 'failing' || event.type === 'activity';
}
