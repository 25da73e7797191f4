import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
// The one place that signals processes which aren't our children: `stop` finds them by the recorded state.
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemCodeOf } from '../errors.ts';

const run = promisify(execFile);

/** A process by its id and start time: a recycled id has another start time, so it is never taken for this one. */
export interface ProcessRef {
  readonly pid: number;
  readonly startTime: string;
}

/** The start time of a process as an opaque text, or undefined if it is gone (a zombie counts as gone). */
async function startTimeOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold blanks: fields count from the last ')'. Field 22 is the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return undefined;
    return (await hasProc()) ? undefined : startTimeByPs(pid);
  }
}

async function hasProc(): Promise<boolean> {
  return readFile('/proc/self/stat').then(
    () => true,
    () => false,
  );
}

async function startTimeByPs(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]);
    const text = stdout.trim();
    return text === '' || text.startsWith('Z') ? undefined : text.slice(text.indexOf(' ') + 1).trim();
  } catch {
    return undefined;
  }
}

/** The reference of a running process, or undefined if it is gone. */
export async function refOfProcess(pid: number): Promise<ProcessRef | undefined> {
  const startTime = await startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** True while exactly this process runs. */
export async function isRunning(ref: ProcessRef): Promise<boolean> {
  return (await startTimeOf(ref.pid)) === ref.startTime;
}

/** Sends a signal to exactly this process; false if it is gone. */
async function signalProcess(ref: ProcessRef, signal: 'SIGTERM' | 'SIGKILL'): Promise<boolean> {
  if (!(await isRunning(ref))) return false;
  try {
    kill(ref.pid, signal);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process is gone; false if it still runs after `timeoutMs`. */
async function waitGone(ref: ProcessRef, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isRunning(ref)) {
    if (Date.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}

/** SIGTERM, then SIGKILL after `graceMs`; returns when the process is gone. */
export async function endProcess(ref: ProcessRef, graceMs: number): Promise<void> {
  if (!(await signalProcess(ref, 'SIGTERM'))) return;
  if (await waitGone(ref, graceMs)) return;
  await signalProcess(ref, 'SIGKILL');
  await waitGone(ref, 5_000);
}
