import type { Host } from './events.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a command gets from main.ts: the outside world, so that nothing else touches `process`. */
export interface Context {
  readonly host: Host;
  readonly env: Environment;
  readonly cwd: string;
  readonly homeDir: string;
  readonly readStdin: () => Promise<string>;
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** The path of the program itself, to start it again as a background process. */
  readonly programPath: string;
  /** The path of the Node executable that runs this program. */
  readonly execPath: string;
  readonly pid: number;
  /** Of this program. */
  readonly version: string;
}
