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
  readonly isCursorShown: boolean;
}

/** A terminal without a window: what is written to it is interpreted as xterm does. */
export interface Emulator {
  readonly write: (text: string) => void;
  readonly resize: (size: Size) => void;
  /** Once all that was written is shown. */
  readonly picture: () => Promise<Picture>;
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
    resize: (size) => terminal.resize(size.columns, size.rows),
    picture: () =>
      new Promise((resolve) => {
        terminal.write('', () => {
          const { baseY, length } = terminal.buffer.active;
          const lines = Array.from(
            { length },
            (_, index) => terminal.buffer.active.getLine(index)?.translateToString(true) ?? '',
          );
          resolve({
            scrollback: lines.slice(0, baseY),
            screen: lines.slice(baseY).join('\n').replace(/\n+$/, '').split('\n'),
            isCursorShown,
          });
        });
      }),
  };
}
