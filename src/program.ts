import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { Environment } from './context.ts';
import { interrupted, throwIfInterrupted } from './errors.ts';

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  readonly timeoutMs: number;
}

/** How a program ended: by itself, or because it took too long. */
export type ProgramEnd =
  | { readonly state: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly state: 'timeout'; readonly stderr: string }
  | { readonly state: 'not-started'; readonly error: Error };

/** A hung child that ignores SIGTERM is killed after this time. */
const killAfterMs = 2_000;

/** The path of a program: a name is looked up on PATH, anything with a `/` is a path from `cwd`. */
export async function findProgram(name: string, env: Environment, cwd: string): Promise<string | undefined> {
  if (name.includes('/') || isAbsolute(name)) {
    const path = resolve(cwd, name);
    return (await isProgram(path)) ? path : undefined;
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = join(resolve(cwd, folder), name);
    if (await isProgram(path)) return path;
  }
  return undefined;
}

/** Runs a program without a shell and without stdin. Throws DeployError('interrupted') when `signal` is aborted. */
export function runProgram(call: ProgramCall, signal: AbortSignal): Promise<ProgramEnd> {
  throwIfInterrupted(signal);
  return new Promise((settle, reject) => {
    const { program, args, env, cwd, timeoutMs } = call;
    const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let timedOut = false;
    const stop = (): void => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref();
      // A wrapper script's own child may keep the pipes open: 'close' must not wait for it.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, timeoutMs);
    const cleanUp = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      cleanUp();
      settle({ state: 'not-started', error });
    });
    child.on('close', (code) => {
      cleanUp();
      const errorText = Buffer.concat(stderr).toString('utf8');
      if (signal.aborted) reject(interrupted());
      else if (timedOut) settle({ state: 'timeout', stderr: errorText });
      else
        settle({ state: 'exited', code: code ?? 1, stdout: Buffer.concat(stdout).toString('utf8'), stderr: errorText });
    });
  });
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
