import type { DeployError } from '../errors.ts';
import type { DeployEvent, Result } from '../events.ts';

/** How a run has ended. */
export type RunEnd =
  | { readonly command: string; readonly result: Result }
  | { readonly command: string; readonly error: DeployError };

/**
 * Hears all of a run beside the output that shows it: for a report, the summary of a CI system, a trace. What it hears
 * holds secrets; what it hands on has to pass through `redact`.
 */
export interface Listener {
  event(event: DeployEvent): void;
  /** The file that it writes at the end, as it was named. */
  readonly writes?: string;
  /** The run is over: writes what is to be written. What can't be is returned, a sentence each: it fails no deploy. */
  end(end: RunEnd): Promise<readonly string[]>;
}

/** Makes a listener of a run. */
export type ListenerFactory = (redact: (text: string) => string) => Listener;
