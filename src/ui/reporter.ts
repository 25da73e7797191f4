import type { DeployError } from '../errors.ts';
import type { DeployEvent, Result } from '../events.ts';

/** How one kind of output shows a run. The only writers to the terminal. */
export interface Reporter {
  event(event: DeployEvent): void;
  result(command: string, result: Result): void;
  error(command: string, error: DeployError): void;
}

/** What a reporter needs: lines go out through `out` (results) and `err` (all else), redacted and harmless. */
export interface Lines {
  out(text: string): void;
  err(line: string): void;
}

export interface Verbosity {
  readonly verbose: boolean;
  readonly quiet: boolean;
}
