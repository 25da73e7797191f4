import { readdir, rm } from 'node:fs/promises';
import { DeployError, systemCodeOf } from '../errors.ts';
import { stopGraceMs } from './component.ts';
import { cleanNode } from './node/clean.ts';
import { endProcess } from './processes.ts';
import { readState, stateFiles } from './state.ts';

/** An ordered shutdown takes a few seconds at most. */
const supervisorGraceMs = 20_000;

/**
 * Ends a sandbox and removes its folder: the supervisor stops its components; those of one that was killed are ended
 * here. Only the recorded processes are touched, by id and start time. Returns false where there was no sandbox.
 * Throws DeployError('usage') for a folder that isn't a sandbox's.
 */
export async function stopSandbox(dir: string): Promise<boolean> {
  const names = await namesIn(dir);
  if (names.length === 0) return false;
  if (!names.includes('.oms-deploy-sandbox')) {
    throw new DeployError('usage', `${dir} is not the folder of a sandbox.`, {
      why: 'It holds files and lacks the marker .oms-deploy-sandbox, so it is left as it is.',
      fix: 'Give another folder to --state: one that is empty, does not exist yet, or was made by `oms-deploy sandbox start`.',
    });
  }
  const state = readState(dir);
  if (state !== undefined) {
    await endProcess(state.supervisor, supervisorGraceMs);
    // Read again: a supervisor that was still starting has recorded more since.
    const { components } = readState(dir) ?? state;
    for (const component of components.toReversed()) await endProcess(component, stopGraceMs(component.name));
    await cleanNode(stateFiles(dir));
  }
  await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  return true;
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT') return [];
    if (code !== 'ENOTDIR') throw error;
    throw new DeployError('usage', `${dir} is a file, not the folder of a sandbox.`, {
      fix: 'Give a folder to --state.',
      cause: error,
    });
  }
}
