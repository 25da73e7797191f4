import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { DeployError, interrupted, systemCodeOf } from '../errors.ts';
import { during } from '../events.ts';
import { findBinaries } from './binaries.ts';
import { lastLines, waitUntil } from './component.ts';
import { findParts } from './node/parts.ts';
import { requireNode } from './node/requirements.ts';
import { endProcess, isRunning, refOfProcess } from './processes.ts';
import { type NodeKind, readState, type SandboxState, stateFiles } from './state.ts';
import { stopSandbox } from './stop.ts';

export interface StartOptions {
  readonly dir: string;
  /** The sandbox ends by itself when this process is gone. */
  readonly ownerPid?: number;
  /** What runs the pods; default: kwok. */
  readonly node?: NodeKind;
  /** The kubeconfig of a webhook that the API server asks about tokens it doesn't know (TokenReview). */
  readonly tokenWebhook?: string;
}

export interface Started {
  readonly state: SandboxState;
  readonly alreadyRunning: boolean;
}

/** The supervisor gives up on its own before this. */
const readyTimeoutMs = 120_000;
/** How long the claim of another `start` may stay without a recorded state before it counts as left behind. */
const claimTimeoutMs = 5_000;

/**
 * Starts a sandbox in the background and waits until it is ready; one that already runs in the folder is returned as
 * it is. Throws DeployError: 'usage' where the folder is somebody else's, the executables can't be had, the machine
 * can't have a real node or the running sandbox has other nodes; 'failed' with the component's name and the end of its
 * log where it doesn't come up.
 */
export async function startSandbox(options: StartOptions, context: Context): Promise<Started> {
  const { dir, node = 'kwok' } = options;
  const running = await runningState(dir);
  if (running !== undefined) {
    if (running.node !== node) throw otherNodes(running.node, dir);
    return { state: await untilReady(dir, undefined, context), alreadyRunning: true };
  }
  // The build comes first: a folder isn't claimed for minutes.
  if (node === 'real') await requireNode();
  const binaries = await findBinaries(context);
  if (node === 'real') await findParts(context);
  if (!(await claim(dir, context))) return { state: await untilReady(dir, undefined, context), alreadyRunning: true };
  context.host.emit({ type: 'step', name: 'sandbox', message: 'starting the control plane' });
  const child = await spawnSupervisor(options, binaries, context);
  try {
    const state = await during('Waiting for the control plane', context.host, () => untilReady(dir, child, context));
    child.unref();
    return { state, alreadyRunning: false };
  } catch (error) {
    const ref = child.pid === undefined ? undefined : await refOfProcess(child.pid);
    if (ref !== undefined) await endProcess(ref, 15_000);
    if (context.signal.aborted) await stopSandbox(dir);
    throw error;
  }
}

function otherNodes(running: NodeKind, dir: string): DeployError {
  const words = { kwok: 'simulated nodes', real: 'a real node' };
  return new DeployError('usage', `The sandbox in ${dir} is already running, with ${words[running]}.`, {
    fix: 'Stop it first with `oms-deploy sandbox stop`, or give another folder to --state.',
  });
}

/** The state of a sandbox whose supervisor lives (ready or still starting), or undefined. */
export async function runningState(dir: string): Promise<SandboxState | undefined> {
  const state = readState(dir);
  return state !== undefined && (await isRunning(state.supervisor)) ? state : undefined;
}

/** Makes the folder ours; false where another `start` was faster. */
async function claim(dir: string, context: Context): Promise<boolean> {
  const { marker } = stateFiles(dir);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const names = await readdir(dir);
  if (names.length > 0) {
    if (names.includes('.oms-deploy-sandbox')) {
      if (
        await waitUntil(
          async () => (await runningState(dir)) !== undefined,
          names.includes('state.json') ? 0 : claimTimeoutMs,
          context.signal,
        )
      )
        return false;
    }
    // What a killed or failed sandbox left; refuses a folder that isn't ours.
    await stopSandbox(dir);
    await mkdir(dir, { recursive: true, mode: 0o700 });
  }
  try {
    await writeFile(marker, 'This folder belongs to `oms-deploy sandbox`, which deletes it.\n', { flag: 'wx' });
    return true;
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
    await waitUntil(async () => (await runningState(dir)) !== undefined, claimTimeoutMs, context.signal);
    return false;
  }
}

async function spawnSupervisor(options: StartOptions, binaries: string, context: Context): Promise<ChildProcess> {
  const { dir, ownerPid, tokenWebhook, node } = options;
  const files = stateFiles(dir);
  await mkdir(files.logs, { recursive: true, mode: 0o700 });
  const log = openSync(supervisorLog(dir), 'a', 0o600);
  const owner = ownerPid === undefined ? [] : ['--owner-pid', String(ownerPid)];
  const webhook = tokenWebhook === undefined ? [] : ['--token-webhook', tokenWebhook];
  const kind = node === undefined ? [] : ['--node', node];
  const own = ['sandbox', 'serve', '--state', dir, ...owner, ...webhook, ...kind];
  const args = [...loaderOf(context.programPath), context.programPath, ...own];
  const child = spawn(context.execPath, args, {
    cwd: context.cwd,
    detached: true,
    env: { ...context.env, OMS_DEPLOY_SANDBOX_BIN: binaries },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('error', () => undefined);
  return child;
}

/** Run from source, the program needs the loader that runs it now. */
function loaderOf(programPath: string): readonly string[] {
  return programPath.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
}

function supervisorLog(dir: string): string {
  return join(stateFiles(dir).logs, 'supervisor.log');
}

/** Waits until the recorded state is ready. With `child`, its end is a failure; without, that of the recorded one. */
async function untilReady(dir: string, child: ChildProcess | undefined, context: Context): Promise<SandboxState> {
  const settled = async (): Promise<boolean> => {
    const state = readState(dir);
    if (state?.status === 'ready' || state?.status === 'failed') return true;
    if (child !== undefined) return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    return state === undefined || !(await isRunning(state.supervisor));
  };
  const inTime = await waitUntil(settled, readyTimeoutMs, context.signal);
  if (context.signal.aborted) throw interrupted();
  const state = readState(dir);
  if (state?.status === 'ready') return state;
  const message =
    state?.failure?.message ?? (inTime ? 'The sandbox ended while it started.' : 'The sandbox did not start in time.');
  throw new DeployError('failed', message, {
    why: state?.failure?.why ?? (await lastLines(supervisorLog(dir), 10)),
    fix: `Read the logs in ${stateFiles(dir).logs}, then run \`oms-deploy sandbox start\` again.`,
  });
}
