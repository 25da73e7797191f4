/** The two streams that a run may write to, and what they can show. Only main.ts knows the real ones. */
export interface Terminal {
  /** For results. */
  writeOut(text: string): void;
  /** For everything else. */
  writeErr(text: string): void;
  /** Of stderr. */
  readonly columns: number;
  /** Of stdout; unlimited where it is a file or a pipe. */
  readonly outColumns: number;
  /** Whether stdout is a terminal that moves its cursor. */
  readonly canRedraw: boolean;
  /** Whether stdout is a file: nobody reads along. */
  readonly isOutFile: boolean;
  readonly isInteractive: boolean;
  /** Of stderr. */
  readonly hasColor: boolean;
  /** Of stdout. */
  readonly hasOutColor: boolean;
  readonly hasUnicode: boolean;
}
