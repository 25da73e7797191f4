import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { objectOf } from '../model/json.ts';
import { configFileName } from './load.ts';
import { readConfigFile } from './read-file.ts';

/**
 * The environments that a configuration names, be it valid or not, and complete without one of them or not.
 *
 * @throws DeployError `invalid` where it can't be read.
 */
export async function environmentNames(path: string | undefined, cwd: string): Promise<readonly string[]> {
  const file = path === undefined ? join(cwd, configFileName) : resolve(cwd, path);
  if (path === undefined && !existsSync(file)) return [];
  const { value } = await readConfigFile(file, path ?? file, cwd);
  return Object.keys(objectOf(value.environments));
}
