import { DeployError, messageOf } from '../errors.ts';
import { formatPod, type PodName, podPath } from './api.ts';
import { type ApiFailure, failureOf, refused } from './errors.ts';
import { readRefusal } from './lines.ts';
import type { Transport } from './transport.ts';

/** Which part of a container's log. */
export interface LogOptions {
  /** May be left out for a pod with one container. */
  readonly container?: string;
  /** The instance before the last restart. */
  readonly previous?: boolean;
  /** Goes on as lines are written. */
  readonly follow?: boolean;
  readonly tailLines?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
  readonly sinceSeconds?: number;
  /** Each line begins with its time (RFC 3339 with nanoseconds) and a space. */
  readonly timestamps?: boolean;
  readonly limitBytes?: number;
}

/** Why there is no log: the container hasn't started yet, or not before this instance, or its pod is gone. */
export type NoLog = 'waiting' | 'no-previous' | 'no-pod';

/** A log, or why there is none, in words of the server. */
export type LogAnswer =
  | { readonly lines: AsyncIterable<string> }
  | { readonly refusal: string; readonly reason: NoLog };

/**
 * Reads a container's log. The lines end where the server ends them, and when the signal fires; they throw where the
 * connection breaks or the server dies.
 *
 * @throws DeployError `refused` where the cluster can't be reached, or refuses for another reason than that there is no log.
 */
export async function readLog(
  transport: Transport,
  pod: PodName,
  options: LogOptions,
  signal: AbortSignal,
): Promise<LogAnswer> {
  const query = Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
  const quiet = options.follow === true;
  const stream = await transport.stream({ method: 'GET', path: podPath(pod, 'log'), query, quiet }, signal);
  const what = `the log of ${formatPod(pod)}`;
  if (stream.status === 200) return { lines: logLines(stream.lines, what, signal) };
  const failure = failureOf(await readRefusal(stream));
  // The API server's answer for a pod that isn't on a node yet.
  if (stream.status === 204) return { refusal: `pod "${pod.name}" is not on a node yet`, reason: 'waiting' };
  const reason = noLog(failure);
  if (reason === undefined) throw refused(`show ${what}`, failure);
  return { refusal: failure.message, reason };
}

/** The API server hands on what the kubelet says; only the words tell one 400 from another. */
function noLog({ status, message }: ApiFailure): NoLog | undefined {
  if (status === 404) return 'no-pod';
  if (status !== 400) return undefined;
  if (/cannot be found - no logs available/.test(message)) return 'no-pod';
  if (/previous terminated container .* not found/.test(message)) return 'no-previous';
  return /is waiting to start|is terminated|is not available/.test(message) ? 'waiting' : undefined;
}

async function* logLines(lines: AsyncIterable<string>, what: string, signal: AbortSignal): AsyncIterable<string> {
  try {
    // Windows containers end their lines with both.
    for await (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  } catch (error) {
    if (signal.aborted) return;
    throw new DeployError('refused', `The connection for ${what} broke off.`, {
      why: messageOf(error),
      fix: 'Try again, from the last line on.',
      transient: true,
      cause: error,
    });
  }
}
