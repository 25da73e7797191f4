import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cacheDir } from '../cache-dir.ts';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { findAssets } from './assets.ts';
import { buildKey, buildPrograms, type GoProgram, kubernetesVersion } from './build.ts';
import { binaryNames, type ControlPlaneName, controlPlaneNames } from './control-plane.ts';

const override = 'OMS_DEPLOY_SANDBOX_BIN';

const controlPlaneFiles = Object.values(binaryNames);

const packages: Readonly<Record<ControlPlaneName, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
  kwok: 'sigs.k8s.io/kwok/cmd/kwok',
};

/**
 * The folder of the control plane's executables: the one that OMS_DEPLOY_SANDBOX_BIN names, else the cache's, which is
 * built first where it is missing (minutes). Throws DeployError('usage') where the named folder lacks one, or Go is
 * missing or too old; 'failed' where a build fails.
 */
export async function findBinaries(context: Context): Promise<string> {
  const named = context.env[override];
  if (named !== undefined && named !== '') return checkNamed(resolve(context.cwd, named));
  const { controlPlaneDir } = findAssets();
  const key = await buildKey(moduleFiles(controlPlaneDir));
  const target = join(cacheDir(context), 'control-plane', key);
  if ((await missingIn(target, controlPlaneFiles)).length > 0) {
    const programs = controlPlaneNames.map((name): GoProgram => {
      return { name, moduleDir: controlPlaneDir, package: packages[name] };
    });
    const kubernetes = await kubernetesVersion(controlPlaneDir);
    await buildPrograms({ target, programs, kubernetes, takes: '8 minutes' }, context);
  }
  return target;
}

async function checkNamed(dir: string): Promise<string> {
  const missing = await missingIn(dir, controlPlaneFiles);
  if (missing.length === 0) return dir;
  throw new DeployError('usage', `${override} names ${dir}, which lacks ${missing.join(', ')}.`, {
    why: 'The sandbox needs all of its executables there, with permission to run them.',
    fix: `Unset ${override} to have them built with Go, or name a folder that has ${controlPlaneFiles.join(', ')}.`,
  });
}

/** The files of a module that pin what is built from it. */
export function moduleFiles(moduleDir: string): readonly string[] {
  return ['go.mod', 'go.sum'].map((name) => join(moduleDir, name));
}

/** Which of the executables a folder lacks. */
export async function missingIn(dir: string, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => isExecutable(join(dir, name))));
  return names.filter((_, index) => found[index] !== true);
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
