import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { findAssets } from './assets.ts';
import { buildBinaries, buildKey } from './build.ts';
import { binaryNames, componentNames } from './control-plane.ts';

const override = 'OMS_DEPLOY_SANDBOX_BIN';

/**
 * The folder of the control plane's executables: the one that OMS_DEPLOY_SANDBOX_BIN names, else the cache's, which is
 * built first where it is missing (minutes). Throws DeployError('usage') where the named folder lacks one, or Go is
 * missing or too old; 'failed' where a build fails.
 */
export async function findBinaries(context: Context): Promise<string> {
  const named = context.env[override];
  if (named !== undefined && named !== '') return checkNamed(resolve(context.cwd, named));
  const { controlPlaneDir } = findAssets();
  const cached = join(cacheDir(context), 'control-plane', await buildKey(controlPlaneDir));
  if ((await missingIn(cached)).length > 0) await buildBinaries(controlPlaneDir, cached, context);
  return cached;
}

async function checkNamed(dir: string): Promise<string> {
  const missing = await missingIn(dir);
  if (missing.length === 0) return dir;
  throw new DeployError('usage', `${override} names ${dir}, which lacks ${missing.join(', ')}.`, {
    why: 'The sandbox needs all of its executables there, with permission to run them.',
    fix: `Unset ${override} to have them built with Go, or name a folder that has ${Object.values(binaryNames).join(', ')}.`,
  });
}

async function missingIn(dir: string): Promise<readonly string[]> {
  const names = componentNames.map((name) => binaryNames[name]);
  const found = await Promise.all(names.map((name) => isExecutable(join(dir, name))));
  return names.filter((_, index) => found[index] !== true);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
