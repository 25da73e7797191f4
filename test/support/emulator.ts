import headless from '@xterm/headless';

/** How large a terminal is. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a terminal shows, line by line, blanks at the ends of lines and empty lines at the end left out. */
export interface Picture {
  /** What has left the screen at its top. */
  readonly scrollback: readonly string[];
  readonly screen: readonly string[];
  /** All of it, with the lines put together that the terminal has broken. */
  readonly text: string;
  readonly isCursorShown: boolean;
}

/** Letters of a row that look the same; `color` is one of the terminal's 16. */
export interface StyledRun {
  readonly text: string;
  readonly color: number | undefined;
  readonly isBold: boolean;
  readonly isFaint: boolean;
}

/** A terminal without a window: what is written to it is interpreted as xterm does. */
export interface Emulator {
  readonly write: (text: string) => void;
  readonly resize: (size: Size) => void;
  /** Once all that was written is shown. */
  readonly picture: () => Promise<Picture>;
  /** The screen with its colours. */
  readonly rows: () => Promise<readonly (readonly StyledRun[])[]>;
}

/** Makes a terminal of this size. */
export function createEmulator({ columns, rows }: Size): Emulator {
  const terminal = new headless.Terminal({ cols: columns, rows, scrollback: 10_000, allowProposedApi: true });
  let isCursorShown = true;
  const watch = (isShown: boolean) => (parameters: readonly (number | number[])[]) => {
    if (parameters.includes(25)) isCursorShown = isShown;
    return false;
  };
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, watch(true));
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, watch(false));
  return {
    write: (text) => terminal.write(text),
    // Behind what was written before.
    resize: (size) => terminal.write('', () => terminal.resize(size.columns, size.rows)),
    rows: () =>
      new Promise((resolve) => {
        terminal.write('', () => {
          const { active } = terminal.buffer;
          const rows = Array.from({ length: terminal.rows }, (_, row) => runsOf(active.getLine(active.baseY + row)));
          resolve(rows.slice(0, rows.findLastIndex((runs) => runs.length > 0) + 1));
        });
      }),
    picture: () =>
      new Promise((resolve) => {
        terminal.write('', () => {
          const { baseY, length } = terminal.buffer.active;
          const rows = Array.from({ length }, (_, index) => terminal.buffer.active.getLine(index));
          const lines = rows.map((row) => row?.translateToString(true) ?? '');
          resolve({
            scrollback: lines.slice(0, baseY),
            screen: lines.slice(baseY).join('\n').replace(/\n+$/, '').split('\n'),
            text: lines
              .map((line, index) => (rows[index + 1]?.isWrapped === true ? line : `${line}\n`))
              .join('')
              .trimEnd(),
            isCursorShown,
          });
        });
      }),
  };
}

function runsOf(line: headless.IBufferLine | undefined): readonly StyledRun[] {
  const runs: StyledRun[] = [];
  const length = line?.translateToString(true).length ?? 0;
  for (let column = 0; column < length; column += 1) {
    const cell = line?.getCell(column);
    if (cell === undefined) break;
    const color = cell.isFgPalette() ? cell.getFgColor() : undefined;
    const look = { color, isBold: cell.isBold() !== 0, isFaint: cell.isDim() !== 0 };
    const text = cell.getChars() || ' ';
    const last = runs.at(-1);
    const isSame = last?.color === color && last?.isBold === look.isBold && last.isFaint === look.isFaint;
    if (isSame && last !== undefined) runs[runs.length - 1] = { ...last, text: last.text + text };
    else runs.push({ ...look, text });
  }
  return runs;
}
