import { StringDecoder } from 'node:string_decoder';
import type { WebSocket } from 'ws';
import { DeployError, interrupted } from '../errors.ts';
import { at, stringOf } from '../model/json.ts';
import { formatPod, type PodName, podPath } from './api.ts';
import { listenTo } from './channels.ts';
import { failureOf, refused } from './errors.ts';
import type { Transport } from './transport.ts';

/** How a command ended. The beginning of each output is kept: up to 64 KiB. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The newest first: an API server that doesn't know v5 hands the choice on to the kubelet, which knows v4. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const stdoutChannel = 1;
const stderrChannel = 2;
const statusChannel = 3;
const maxKeptBytes = 65_536;

/**
 * Runs a command in a container, without a shell and without input, until it ends.
 *
 * @throws DeployError `refused` where the cluster can't be reached, refuses, can't start the command, or the connection
 *   ends before the command; `interrupted` where the signal fires (the command may run on).
 */
export async function runInPod(
  transport: Transport,
  pod: PodName,
  container: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<ExecResult> {
  const query = { container, command, stdout: 'true', stderr: 'true' };
  const doing = `run ${command[0] ?? 'nothing'} in container ${container} of ${formatPod(pod)}`;
  const dialed = await transport.socket({ path: podPath(pod, 'exec'), query, protocols }, signal);
  if ('refusal' in dialed) throw refused(doing, failureOf(dialed.refusal));
  return collect(dialed.socket, doing, signal);
}

function collect(socket: WebSocket, doing: string, signal: AbortSignal): Promise<ExecResult> {
  const output = { [stdoutChannel]: createKeeper(), [stderrChannel]: createKeeper() };
  const statuses: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.terminate();
      reject(interrupted());
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    listenTo(socket, {
      message({ channel, data }) {
        if (channel === stdoutChannel || channel === stderrChannel) output[channel].add(data);
        if (channel !== statusChannel) return;
        // It comes after all output. What remains is the end, which not every server makes.
        statuses.push(data);
        socket.close(1000);
      },
      closed(why) {
        signal.removeEventListener('abort', abort);
        const exit = readExit(Buffer.concat(statuses).toString('utf8'));
        if (exit === undefined) reject(brokeOff(doing, why));
        else if ('exitCode' in exit) {
          resolve({
            exitCode: exit.exitCode,
            stdout: output[stdoutChannel].text(),
            stderr: output[stderrChannel].text(),
          });
        } else {
          reject(new DeployError('refused', `The cluster could not ${doing}.`, { why: exit.why }));
        }
      },
    });
  });
}

/** What the status channel said: the exit code, or why there is none; undefined where it said nothing. */
export function readExit(text: string): { readonly exitCode: number } | { readonly why: string } | undefined {
  if (text === '') return undefined;
  if (statusIn(text) === 'Success') return { exitCode: 0 };
  const { causes, message } = failureOf({ status: 0, text, warnings: [] });
  const code = causes.find(({ reason }) => reason === 'ExitCode')?.message ?? kwokExit.exec(message)?.[1] ?? '';
  return /^\d+$/.test(code) ? { exitCode: Number(code) } : { why: message };
}

/** kwok, the kubelet of the sandbox, says the exit code in words only. */
const kwokExit = /error executing command in container: cmd wait: .*: exit status (\d+)$/s;

function statusIn(text: string): string | undefined {
  try {
    return stringOf(at(JSON.parse(text), 'status'));
  } catch {
    return undefined;
  }
}

function brokeOff(doing: string, why: string | undefined): DeployError {
  return new DeployError('refused', `The cluster did not ${doing} to its end.`, {
    why: why ?? 'The server closed the connection without saying how the command ended.',
    fix: 'Try again.',
    transient: true,
  });
}

interface Keeper {
  add(data: Buffer): void;
  text(): string;
}

/** Keeps the beginning of an output, without a character that is cut in two. */
function createKeeper(): Keeper {
  const kept: Buffer[] = [];
  let room = maxKeptBytes;
  return {
    add(data) {
      // A copy: a message is a part of a larger piece of memory.
      if (room > 0) kept.push(Buffer.from(data.subarray(0, room)));
      room -= Math.min(room, data.length);
    },
    text: () => new StringDecoder('utf8').write(Buffer.concat(kept)),
  };
}
