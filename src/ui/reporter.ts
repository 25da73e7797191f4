import type { DeployError } from '../errors.ts';
import type { DeployEvent, Result, Style } from '../events.ts';

/** How one kind of output shows a run. The only writers to the terminal. */
export interface Reporter {
  event(event: DeployEvent): void;
  /** Shows what a question is about, be it left out else. */
  about?(events: readonly DeployEvent[]): void;
  result(command: string, result: Result): void;
  error(command: string, error: DeployError): void;
  /** Runs a question, which has the terminal to itself meanwhile. Not there where nobody is asked. */
  aside?<T>(work: () => Promise<T>): Promise<T>;
}

/** What a reporter needs: lines go out through `out` (results) and `err` (all else), redacted and harmless. */
export interface Lines {
  out(text: string): void;
  /** A result that programs read: as it is, wherever that does no harm. */
  data(text: string): void;
  err(line: string): void;
  /** Takes the secrets out of a text that is to be broken into lines: half a secret isn't known as one. */
  readonly redact: (text: string) => string;
  /** How results are marked: without colour where stdout is no terminal. */
  readonly style: Style;
  /** The width for results: unlimited where stdout is no terminal. */
  readonly columns: number;
  /** Whether stdout is a terminal on which text can be replaced. */
  readonly canRedraw: boolean;
}

export interface Verbosity {
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** What `--quiet` leaves: problems, and what was asked for. */
export function isWanted(event: DeployEvent): boolean {
  return ['finding', 'log', 'status'].includes(event.type) || (event.type === 'plan' && event.isResult);
}
