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
 * Makes the region. Between two frames the cursor stands at its first letter: whatever a resize has made of the lines,
 * all of them are below it. Its place is saved as well, because typed keys are echoed and move it.
 */
export function createRegion(writeErr: (text: string) => void): Region {
  let drawn: readonly string[] = [];
  let above = '';
  let isResized = false;
  const begin = (): string => {
    const home = isResized ? '\r' : restore;
    isResized = false;
    return drawn.length === 0 ? '' : home;
  };
  const put = (lines: readonly string[]): void => {
    const over = above === '' && !isResized ? '' : `${clearBelow}${above}`;
    // A line that is wider than it seems (two columns a letter) must not become two.
    const body = lines.map((line) => `${line}${clearLine}`).join('\r\n');
    const up = lines.length > 1 ? `${escape}[${lines.length - 1}A` : '';
    writeErr(`${cursor.hide}${begin()}${over}${wrap.off}${body}${clearBelow}${wrap.on}${up}\r${save}`);
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
      writeErr(`${'\n'.repeat(drawn.length)}${cursor.show}`);
      drawn = [];
    },
  };
}
