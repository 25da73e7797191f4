import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../../cache-dir.ts';
import type { Context } from '../../context.ts';
import { findAssets } from '../assets.ts';
import { missingIn, moduleFiles } from '../binaries.ts';
import { buildKey, buildPrograms, type GoProgram, kubernetesVersion } from '../build.ts';
import { addDebianPrograms, debianPrograms } from './debian.ts';

const plugins = 'github.com/containernetworking/plugins/plugins';
const containerd = 'github.com/containerd/containerd/v2/cmd';

/** What a real node is made of, by the folder of the module that pins it; `go install` names them by their last part. */
const packages: Readonly<Record<string, readonly string[]>> = {
  programs: [
    ...['launcher', 'app', 'image'].map((name) => `oms-deploy.io/sandbox/node/programs/${name}`),
    ...['main/ptp', 'main/loopback', 'ipam/host-local'].map((name) => `${plugins}/${name}`),
  ],
  containerd: ['containerd', 'containerd-shim-runc-v2'].map((name) => `${containerd}/${name}`),
  dns: ['oms-deploy.io/sandbox/node/dns'],
  registry: ['github.com/distribution/distribution/v3/cmd/registry'],
};

/** kubelet and kube-proxy are of the control plane's version, so they are pinned with it. */
const kubernetesPackages = ['kubelet', 'kube-proxy'].map((name) => `k8s.io/kubernetes/cmd/${name}`);

/**
 * The folder of a real node's programs, which is built first where it is missing (minutes). Throws DeployError('usage')
 * where Go or Debian's packages can't be had, 'failed' where a build fails.
 */
export async function findParts(context: Context): Promise<string> {
  const { controlPlaneDir, nodeDir } = findAssets();
  const programs = [
    ...Object.entries(packages).flatMap(([module, paths]) => programsOf(join(nodeDir, module), paths)),
    ...programsOf(controlPlaneDir, kubernetesPackages),
  ];
  const key = await buildKey(await sourcesOf(controlPlaneDir, nodeDir));
  const target = join(cacheDir(context), 'node', key);
  if ((await missingIn(target, [...programs.map(({ name }) => name), ...debianPrograms])).length > 0) {
    const kubernetes = await kubernetesVersion(controlPlaneDir);
    const complete = (folder: string): Promise<void> => addDebianPrograms(folder, context);
    await buildPrograms({ target, programs, kubernetes, takes: '6 minutes', complete }, context);
  }
  return target;
}

function programsOf(moduleDir: string, paths: readonly string[]): readonly GoProgram[] {
  return paths.map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), moduleDir, package: path }));
}

/** All files that decide what is built: the modules, and our own sources. */
async function sourcesOf(controlPlaneDir: string, nodeDir: string): Promise<readonly string[]> {
  const modules = [controlPlaneDir, ...Object.keys(packages).map((name) => join(nodeDir, name))];
  const names = await readdir(nodeDir, { recursive: true });
  const own = names.filter((name) => name.endsWith('.go')).sort();
  return [...modules.flatMap(moduleFiles), ...own.map((name) => join(nodeDir, name))];
}
