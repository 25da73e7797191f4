import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A line that a program printed, on stdout or stderr. */
export interface Line {
  /** When, by `performance.now()`. */
  readonly atMs: number;
  readonly text: string;
}

/** How a program ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly code: number | null;
  /** When, by `performance.now()`. */
  readonly atMs: number;
  /** What it printed, as it came. */
  readonly lines: readonly Line[];
  /** The most memory that it held at once, in MiB, as Linux tells: looked at every 20 ms. */
  readonly peakMiB?: number;
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Called with each line on stderr as it is printed: what the program does at the moment. */
  readonly says?: (text: string) => void;
  /** Called with the id of the process once it runs. */
  readonly started?: (pid: number) => void;
  /** Also tell how much memory it needs. */
  readonly watchesMemory?: boolean;
}

const lookEveryMs = 20;

/** The high-water mark of a process that runs (proc(5)). */
function peakOf(pid: number | undefined): number | undefined {
  try {
    const kiB = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kiB === undefined ? undefined : Number(kiB) / 1024;
  } catch {
    return undefined;
  }
}

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** The program that is measured, as users start it: on the bundle. */
export const ownProgram: Command = [process.execPath, join(import.meta.dirname, '..', '..', 'bin', 'oms-deploy.js')];

/** Runs a program to its end; it is asked to end when the signal fires. Rejects where it can't be started. */
export async function runProgram(command: Command, options: ProgramOptions, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted();
  const [program, ...args] = command;
  const { env, cwd, says, started, watchesMemory = false } = options;
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: Line[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (text) => {
      lines.push({ atMs: performance.now(), text });
      if (input === child.stderr) says?.(text);
    });
  }
  const end = (): void => void child.kill();
  signal.addEventListener('abort', end);
  let peakMiB: number | undefined;
  const look = (): void => {
    peakMiB = peakOf(child.pid) ?? peakMiB;
  };
  const timer = watchesMemory ? setInterval(look, lookEveryMs) : undefined;
  try {
    return await new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) =>
        resolve({ code, atMs: performance.now(), lines, ...(peakMiB === undefined ? {} : { peakMiB }) }),
      );
      if (child.pid !== undefined) started?.(child.pid);
    });
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', end);
  }
}
