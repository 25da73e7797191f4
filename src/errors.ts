import type { Finding } from './model/finding.ts';

/**
 * Why a command ended, and its exit code. Scripts rely on these numbers.
 * Only main.ts turns a code into a process exit.
 */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  invalid: 3,
  refused: 4,
  failed: 5,
  timeout: 6,
  locked: 7,
  declined: 8,
  changes: 9,
  problems: 10,
  interrupted: 130,
} as const;

/** The codes with which a command can fail. `bug` is only ever that of `bugOf`. */
export type ErrorCode = Exclude<keyof typeof exitCodes, 'done'>;

interface ErrorDetails {
  /** The reason, where the message alone doesn't say it. */
  readonly why?: string;
  /** What to do next, starting with a verb. */
  readonly fix?: string;
  readonly findings?: readonly Finding[];
  /** It may go away by itself: the same request can succeed later. */
  readonly transient?: boolean;
  readonly cause?: unknown;
}

/**
 * The one error that the product throws on purpose: what failed (message), why, and what to do next.
 * Anything else that reaches main.ts is a bug.
 */
export class DeployError extends Error {
  readonly code: ErrorCode;
  readonly why: string | undefined;
  readonly fix: string | undefined;
  readonly findings: readonly Finding[];
  readonly transient: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DeployError';
    this.code = code;
    this.why = details.why;
    this.fix = details.fix;
    this.findings = details.findings ?? [];
    this.transient = details.transient ?? false;
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}

/** Whether a deploy itself has failed: refused in the middle, or not ready in time. What it applied is there. */
export function isFailure(error: unknown): error is DeployError {
  return error instanceof DeployError && (error.code === 'failed' || error.code === 'timeout');
}

/** The same error with another reason, another way on, or its findings told anew: by who knows more of how things were left. */
export function restated(error: DeployError, words: Pick<ErrorDetails, 'why' | 'fix' | 'findings'>): DeployError {
  const { code, message, why, fix, findings } = error;
  return new DeployError(code, message, {
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
    findings,
    ...words,
    cause: error,
  });
}

/** Anything that was thrown, but not on purpose: told like any other failure, so that no output ends without its end. */
export function bugOf(error: unknown): DeployError {
  return new DeployError('bug', `oms-deploy ran into a bug of its own: ${messageOf(error)}`, {
    fix: 'Run it again with OMS_DEPLOY_DEBUG=1 for the stack, and please report it.',
    cause: error,
  });
}

/** Throws the interruption that an aborted signal stands for. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw interrupted();
}

/** Ctrl-C, SIGTERM: exit 130. */
export function interrupted(): DeployError {
  return new DeployError('interrupted', 'Interrupted.');
}

/** So long after an interruption what must not be left half done may go on. */
export const lastWordsMs = 5_000;

/** Fires `lastWordsMs` after `signal`: for a write of which we must hear whether it has happened. */
export function lastWordsAfter(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  const begin = (): void => void setTimeout(() => late.abort(), lastWordsMs).unref();
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  return late.signal;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `ECONNREFUSED`), if there is one. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What was read; what is taken instead where it may not be read, or can't be: `refused`. */
export async function orIfRefused<T>(reading: Promise<T>, otherwise: NoInfer<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return otherwise;
    throw error;
  }
}
