import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { at, type Json, stringOf } from '../../model/json.ts';
import type { StateFiles } from '../state.ts';

const run = promisify(execFile);

/**
 * Removes the cgroups of a node whose launcher was killed before it could; all else ends with its processes. The
 * launcher's own list says which, so nothing is done where it has cleaned up.
 */
export async function cleanNode(files: StateFiles): Promise<void> {
  if (!existsSync(join(files.node, 'cgroups'))) return;
  const config: Json = JSON.parse(await readFile(join(files.node, 'launcher.json'), 'utf8'));
  await run(stringOf(at(config, 'launcher')) ?? '', ['clean', files.node]);
}
