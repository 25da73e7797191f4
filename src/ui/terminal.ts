/** The two streams that a run may write to, and what they can show. Only main.ts knows the real ones. */
export interface Terminal {
  /** For results. */
  writeOut(text: string): void;
  /** For everything else. */
  writeErr(text: string): void;
  /** Of stderr, as it is now; a file or a pipe has lines of a usual length. */
  readonly columns: number;
  /** Of stderr, as it is now; 0 where it is no terminal. */
  readonly rows: number;
  /** Of stdout, as it is now; unlimited where it is a file or a pipe. */
  readonly outColumns: number;
  /** Whether stdout is a terminal that moves its cursor. */
  readonly canRedraw: boolean;
  /** Whether stdout is a file: nobody reads along. */
  readonly isOutFile: boolean;
  /** Whether stderr is one, and people look at it. */
  readonly canDraw: boolean;
  /** Whether it breaks its lines anew where its width changes, as nearly all do. */
  readonly reflows: boolean;
  readonly isInteractive: boolean;
  /** Of stderr. */
  readonly hasColor: boolean;
  /** Of stdout. */
  readonly hasOutColor: boolean;
  readonly hasUnicode: boolean;
  /** Tells what happens to the terminal, until the returned function is called. */
  watch(watcher: TerminalWatcher): () => void;
}

/** Who draws on a terminal must know this. */
export interface TerminalWatcher {
  /** It has another size now. */
  readonly resized: () => void;
  /** The process ends, however it ends, or is stopped (Ctrl-Z): the last moment to leave it in order. */
  readonly leaving: () => void;
}
