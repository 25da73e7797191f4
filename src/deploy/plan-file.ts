import { chmod, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DeployError, systemCodeOf } from '../errors.ts';
import { movedSince, type PlanAnchor, parseAnchor } from './anchor.ts';
import type { Planned } from './planned.ts';
import { invalid } from './prepare.ts';

/**
 * Saves a plan for `up --plan`, readable for its owner alone.
 *
 * @throws DeployError `usage` where the file can't be written.
 */
export async function writePlan(file: string, cwd: string, anchor: PlanAnchor): Promise<void> {
  try {
    const path = resolve(cwd, file);
    await writeFile(path, `${JSON.stringify(anchor, undefined, 2)}\n`, { mode: 0o600 });
    // The mode of writeFile is for new files only.
    await chmod(path, 0o600);
  } catch (error) {
    throw new DeployError('usage', `The plan can't be written to ${file} (${systemCodeOf(error) ?? 'error'}).`, {
      fix: 'Name another file: --out <file>.',
    });
  }
}

/**
 * Reads what `writePlan` has written.
 *
 * @throws DeployError `invalid` for what can't be read or is no plan.
 */
export async function readPlan(file: string, cwd: string): Promise<PlanAnchor> {
  const fix = 'Make one: oms-deploy plan --out <file>.';
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), 'utf8');
  } catch (error) {
    throw new DeployError('invalid', `The plan ${file} can't be read (${systemCodeOf(error) ?? 'error'}).`, { fix });
  }
  const anchor = parseAnchor(jsonOf(text));
  if (anchor === undefined)
    throw new DeployError('invalid', `${file} is not a plan of this version of oms-deploy.`, { fix });
  return anchor;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Holds a plan to one that was saved, also where it has to be made again.
 *
 * @throws DeployError `invalid` with all that moved since.
 */
export async function anchored(planned: Planned, anchor: PlanAnchor): Promise<Planned> {
  const moved = await movedSince(anchor, planned);
  if (moved.length > 0) throw invalid(moved);
  return { ...planned, again: async (signal) => anchored(await planned.again(signal), anchor) };
}
