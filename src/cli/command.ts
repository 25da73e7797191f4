import type { Context } from '../context.ts';
import type { Result } from '../events.ts';

/** One flag of a command, as data: the program, the help, the README test and the environment variables use it. */
export interface OptionSpec {
  /** As commander reads it: `--terraform-dir <dir>`, `-f, --manifests <path...>`, `--yes`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly repeatable?: boolean;
}

/** Parsed flags by camelCase name: a string, a list for repeatable ones, `true` for switches. */
export type Options = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

/** A positional argument: `<action>` or `[service]`. */
export interface ArgumentSpec {
  readonly name: string;
  readonly description: string;
  readonly choices?: readonly string[];
}

/** A command as data: thin, one file each; `run` loads what it needs on demand so that `--help` stays fast. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly hidden?: boolean;
  /** It leaves nothing but output: where nobody reads that any more, it ends. */
  readonly onlyShows?: true;
  /** It changes a cluster, files or processes: its exit code says whether that was done, be its output lost or not. */
  readonly changes?: true;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  run(options: Options, args: readonly string[], context: Context): Promise<Result>;
}
