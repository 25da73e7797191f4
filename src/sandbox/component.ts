import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfInterrupted } from '../errors.ts';
import type { ComponentName } from './control-plane.ts';
import { type ProcessRef, refOfProcess } from './processes.ts';

/** A component that was started. */
export interface RunningComponent {
  readonly name: ComponentName;
  readonly ref: ProcessRef;
  readonly logFile: string;
  /** Resolves when the process has ended, with what a person needs to know of how. */
  readonly ended: Promise<string>;
  readonly hasEnded: () => boolean;
  /** SIGTERM, then SIGKILL after `graceMs`; resolves when the process is gone. */
  stop(graceMs: number): Promise<void>;
}

/** How long a component may take to end by itself. A node's cgroups are free only when its last process is gone. */
export function stopGraceMs(name: string): number {
  return name === 'node' ? 15_000 : 3_000;
}

/** Starts a component; its output goes to `<logs>/<name>.log`. It keeps nothing of our environment but PATH and HOME. */
export async function startComponent(
  name: ComponentName,
  binary: string,
  args: readonly string[],
  dirs: { readonly logs: string; readonly work: string },
  env: Readonly<Record<string, string | undefined>>,
): Promise<RunningComponent> {
  const logFile = join(dirs.logs, `${name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  // Nothing is ever written to its input. Its end tells those who care that we are gone, however we went.
  const child = spawn(binary, [...args], { cwd: dirs.work, env: environmentOf(env), stdio: ['pipe', log, log] });
  closeSync(log);
  const ended = endOf(child);
  const pid = child.pid ?? 0;
  const ref = (pid === 0 ? undefined : await refOfProcess(pid)) ?? { pid, startTime: 'gone' };
  const hasEnded = (): boolean => pid === 0 || child.exitCode !== null || child.signalCode !== null;
  const stop = async (graceMs: number): Promise<void> => {
    if (hasEnded()) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(timer);
  };
  return { name, ref, logFile, ended, hasEnded, stop };
}

/** Proxies and credentials of the caller must not reach a control plane that only talks to itself. */
function environmentOf(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return { PATH: env['PATH'], HOME: env['HOME'], TMPDIR: env['TMPDIR'] };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `ended with code ${code}` : `was ended by ${signal}`);
    });
  });
}

/** kwok logs whole objects in a line. */
const maxLineLength = 600;

/** The last lines of a log file, for an error message; empty where there is no file. */
export async function lastLines(file: string, count: number): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.replaceAll('\0', '').trimEnd().split('\n').slice(-count);
  return lines.map((line) => (line.length > maxLineLength ? `${line.slice(0, maxLineLength)}...` : line)).join('\n');
}

/** Asks again every 25 ms until `probe` says yes. Throws where the signal is aborted; false after `timeoutMs`. */
export async function waitUntil(
  probe: () => Promise<boolean>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await probe())) {
    throwIfInterrupted(signal);
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
  return true;
}
