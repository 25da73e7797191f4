import { stripVTControlCharacters } from 'node:util';
import type { Terminal } from '../terminal.ts';

/** What a region needs of its terminal. */
type DrawnOn = Pick<Terminal, 'writeErr' | 'columns' | 'reflows'>;

/** Lines at the bottom of the terminal that are drawn again and again, with everything else going above them. */
export interface Region {
  /** Puts these lines in the place of those before, in one write. */
  readonly draw: (lines: readonly string[]) => void;
  /** Writes above the lines: at once where none are drawn, else with the next frame of this turn. */
  readonly write: (text: string) => void;
  /** Takes the lines away and shows the cursor, until the next `draw`. */
  readonly clear: () => void;
  /** The terminal has another size: its lines may have been broken anew. */
  readonly resized: () => void;
  /** Somebody else uses the terminal from now on: what is drawn stays, and the cursor goes below it. */
  readonly leave: () => void;
}

const escape = '\u001b';
const save = `${escape}7`;
const restore = `${escape}8`;
const clearLine = `${escape}[K`;
const clearBelow = `${escape}[J`;
const wrap = { on: `${escape}[?7h`, off: `${escape}[?7l` };
const cursor = { show: `${escape}[?25h`, hide: `${escape}[?25l` };

/**
 * Makes the region. Where it begins is saved, because typed keys are echoed and move the cursor. Between two frames that
 * stands on the last line, with an empty one below: an Enter scrolls nothing then, and after a resize, which moves what
 * was saved, the lines above it tell the way back.
 */
export function createRegion(terminal: DrawnOn): Region {
  const writeErr = (text: string): void => terminal.writeErr(text);
  let drawn: readonly string[] = [];
  let above = '';
  let isResized = false;
  const begin = (): string => {
    const home = isResized ? `\r${move(rowsAbove(drawn, terminal), 'A')}` : restore;
    isResized = false;
    return drawn.length === 0 ? '' : home;
  };
  const put = (lines: readonly string[]): void => {
    const over = above === '' && !isResized ? '' : `${clearBelow}${above}`;
    // A line that is wider than it seems (two columns a letter) must not become two.
    const body = lines.map((line) => `${line}${clearLine}\r\n`).join('');
    const rest = `${move(lines.length, 'A')}${save}${move(lines.length - 1, 'B')}`;
    writeErr(`${cursor.hide}${begin()}${over}${wrap.off}${body}${clearBelow}${wrap.on}${rest}`);
    drawn = lines;
    above = '';
  };
  const clear = (): void => {
    if (drawn.length > 0) writeErr(`${begin()}${clearBelow}${above}${cursor.show}`);
    drawn = [];
    above = '';
  };
  return {
    draw: (lines) => (lines.length === 0 ? clear() : put(lines)),
    write(text) {
      if (drawn.length === 0) return writeErr(text);
      if (above === '') queueMicrotask(() => (above === '' ? undefined : put(drawn)));
      above += text;
    },
    clear,
    resized() {
      isResized = true;
    },
    leave() {
      if (drawn.length === 0) return;
      put(drawn);
      writeErr(`\n${cursor.show}`);
      drawn = [];
    },
  };
}

/** Moves the cursor up (A) or down (B). */
function move(lines: number, direction: 'A' | 'B'): string {
  return lines > 0 ? `${escape}[${lines}${direction}` : '';
}

/** How many rows of the screen the lines before the last one take, as the terminal has broken them anew. */
function rowsAbove(lines: readonly string[], { columns, reflows }: DrawnOn): number {
  const widths = lines.slice(0, -1).map((line) => stripVTControlCharacters(line).length);
  return widths.reduce((sum, width) => sum + (reflows ? Math.max(1, Math.ceil(width / columns)) : 1), 0);
}
