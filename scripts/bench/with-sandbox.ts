import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, ownProgram, runProgram } from './program.ts';

/** A sandbox of a benchmark's own. */
export interface BenchSandbox {
  /** For files of the benchmark; deleted at its end. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** What clients asked of the API server. */
  readonly auditLog: string;
}

/** Builds the program, starts a sandbox and works on it; the sandbox ends with the work, or with this process. */
export async function withSandbox<T>(
  work: (sandbox: BenchSandbox) => Promise<T>,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-deploy-bench-'));
  const state = join(folder, 'sandbox');
  const succeed = async (what: string, command: Command): Promise<void> => {
    const { code } = await runProgram(command, { env: process.env, says: say }, signal);
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`${what} failed: the reason is above.`);
  };
  try {
    await succeed('The build', [process.execPath, '--import', 'tsx', 'scripts/build.ts']);
    const start = ['sandbox', 'start', '--state', state, '--owner-pid', String(process.pid), '--output', 'plain'];
    await succeed('The start of the sandbox', [...ownProgram, ...start]);
    return await work({
      folder,
      kubeconfig: join(state, 'kubeconfig'),
      auditLog: join(state, 'audit.log'),
    });
  } finally {
    // An interrupted run has a sandbox to stop, too: its signal has fired already.
    const stop: Command = [...ownProgram, 'sandbox', 'stop', '--state', state];
    await runProgram(stop, { env: process.env }, new AbortController().signal);
    await rm(folder, { recursive: true, force: true });
  }
}
