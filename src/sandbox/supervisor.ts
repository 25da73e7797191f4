import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { DeployError, messageOf } from '../errors.ts';
import { type BootOptions, type ControlPlane, type Recorder, startControlPlane } from './boot.ts';
import { isRunning, type ProcessRef, refOfProcess } from './processes.ts';
import { type SandboxState, stateFiles, writeState } from './state.ts';

export interface ServeOptions extends BootOptions {
  /** The supervisor ends, and removes the sandbox, when this process is gone. */
  readonly ownerPid?: number;
}

/** Bind races with other programs happen between choosing a free port and listening on it. */
const attempts = 3;
const ownerPollMs = 250;

/**
 * Runs a sandbox in the foreground: starts it, records it in the state folder, and stops it in order when the signal is
 * aborted, a component dies, or the owner is gone. Throws DeployError('failed') for a component that ended by itself.
 */
export async function serve(options: ServeOptions, context: Context): Promise<void> {
  const supervisor = await refOfProcess(context.pid);
  if (supervisor === undefined) throw new Error(`process ${context.pid} is not to be found`);
  const owner = options.ownerPid === undefined ? undefined : await refOfProcess(options.ownerPid);
  const record = recorder(options, supervisor);
  record.update({});
  let plane: ControlPlane | undefined;
  try {
    plane = await startWithRetry(options, context, record);
    record.update({ status: 'ready' });
    const end = await untilEnd(plane, options.ownerPid === undefined ? undefined : { owner }, context.signal);
    record.update({ status: 'stopping' });
    await plane.stop();
    if (end.kind === 'died') throw new DeployError('failed', end.message, { why: end.why });
    if (end.kind === 'orphaned') await rm(options.dir, { recursive: true, force: true });
  } catch (error) {
    await plane?.stop();
    const why = error instanceof DeployError ? (error.why ?? '') : '';
    if (!context.signal.aborted) record.update({ status: 'failed', failure: { message: messageOf(error), why } });
    throw error;
  }
}

function recorder({ dir, parts }: ServeOptions, supervisor: ProcessRef): Recorder {
  let state: SandboxState = {
    status: 'starting',
    supervisor,
    components: [],
    startedAt: new Date().toISOString(),
    version: '',
    server: '',
    control: '',
    node: parts === undefined ? 'kwok' : 'real',
    ports: {},
  };
  return {
    update: (change) => {
      state = { ...state, ...change };
      writeState(dir, state);
    },
  };
}

async function startWithRetry(options: ServeOptions, context: Context, record: Recorder): Promise<ControlPlane> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startControlPlane(options, context, record);
    } catch (error) {
      const raced = error instanceof DeployError && (error.why ?? '').includes('address already in use');
      if (!raced || attempt === attempts) throw error;
      await rm(stateFiles(options.dir).etcd, { recursive: true, force: true });
    }
  }
}

type End =
  | { readonly kind: 'asked' | 'orphaned' }
  | { readonly kind: 'died'; readonly message: string; readonly why: string };

async function untilEnd(
  plane: ControlPlane,
  owned: { readonly owner: ProcessRef | undefined } | undefined,
  signal: AbortSignal,
): Promise<End> {
  const done = new AbortController();
  const asked = new Promise<End>((resolve) => {
    if (signal.aborted) resolve({ kind: 'asked' });
    signal.addEventListener('abort', () => {
      resolve({ kind: 'asked' });
    });
  });
  const died = plane.died.then((death): End => ({ kind: 'died', ...death }));
  const orphaned = owned === undefined ? [] : [untilGone(owned.owner, done.signal)];
  const end = await Promise.race([asked, died, ...orphaned]);
  done.abort();
  return end;
}

async function untilGone(owner: ProcessRef | undefined, signal: AbortSignal): Promise<End> {
  // No event tells that a process which isn't our child has ended.
  if (owner !== undefined) {
    while (!signal.aborted && (await isRunning(owner))) await sleep(ownerPollMs);
  }
  return { kind: 'orphaned' };
}
