import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDir } from '../../cache-dir.ts';
import type { Context } from '../../context.ts';
import { findAssets } from '../assets.ts';
import { missingIn, moduleFiles } from '../binaries.ts';
import { type Build, buildKey, buildPrograms, type GoProgram, kubernetesVersion } from '../build.ts';
import { addDebianPrograms, busybox, debianPrograms } from './debian.ts';

const plugins = 'github.com/containernetworking/plugins/plugins';
const containerd = 'github.com/containerd/containerd/v2/cmd';

/** What a node runs, by the folder of the module that pins it; `go install` names them by their last part. */
const packages: Readonly<Record<string, readonly string[]>> = {
  plugins: ['main/ptp', 'main/loopback', 'ipam/host-local'].map((name) => `${plugins}/${name}`),
  containerd: ['containerd', 'containerd-shim-runc-v2'].map((name) => `${containerd}/${name}`),
  dns: ['oms-deploy.io/sandbox/node/dns'],
  registry: ['github.com/distribution/distribution/v3/cmd/registry'],
};

/** kubelet and kube-proxy are of the control plane's version, so they are pinned with it. */
const kubernetesPackages = ['kubelet', 'kube-proxy'].map((name) => `k8s.io/kubernetes/cmd/${name}`);

/** What starts the node and what runs in its pods. They change with this program, the others with their versions. */
const ownPackages = ['launcher', 'app', 'image'].map((name) => `oms-deploy.io/sandbox/node/programs/${name}`);

/** The programs of a real node: paths of files, but for `folder`. */
export interface NodeParts {
  /** All that runs inside the node. */
  readonly folder: string;
  readonly registry: string;
  readonly launcher: string;
  /** Publishes images, of these two. */
  readonly image: string;
  readonly app: string;
  readonly busybox: string;
}

/**
 * Finds the programs of a real node, and builds them first where they are missing (minutes). Throws DeployError('usage')
 * where Go or Debian's packages can't be had, 'failed' where a build fails.
 */
export async function findParts(context: Context): Promise<NodeParts> {
  const { controlPlaneDir, nodeDir } = findAssets();
  const cache = join(cacheDir(context), 'node');
  const kubernetes = await kubernetesVersion(controlPlaneDir);
  const modules = [controlPlaneDir, ...Object.keys(packages).map((name) => join(nodeDir, name))];
  const folder = join(cache, await buildKey([...modules.flatMap(moduleFiles), join(nodeDir, 'dns', 'main.go')]));
  const running = [
    ...Object.entries(packages).flatMap(([module, paths]) => programsOf(join(nodeDir, module), paths)),
    ...programsOf(controlPlaneDir, kubernetesPackages),
  ];
  const complete = (target: string): Promise<void> => addDebianPrograms(target, context);
  await ensure(
    { target: folder, programs: running, kubernetes, takes: '6 minutes', complete },
    debianPrograms,
    context,
  );

  const ownDir = join(nodeDir, 'programs');
  const own = join(cache, await buildKey(await sourcesOf(ownDir)));
  const programs = programsOf(ownDir, ownPackages);
  await ensure({ target: own, programs, kubernetes, takes: 'a minute' }, [], context);
  return {
    folder,
    registry: join(folder, 'registry'),
    launcher: join(own, 'launcher'),
    image: join(own, 'image'),
    app: join(own, 'app'),
    busybox: join(folder, busybox),
  };
}

async function ensure(build: Build, more: readonly string[], context: Context): Promise<void> {
  const names = [...build.programs.map(({ name }) => name), ...more];
  if ((await missingIn(build.target, names)).length > 0) await buildPrograms(build, context);
}

function programsOf(moduleDir: string, paths: readonly string[]): readonly GoProgram[] {
  return paths.map((path) => ({ name: path.slice(path.lastIndexOf('/') + 1), moduleDir, package: path }));
}

async function sourcesOf(moduleDir: string): Promise<readonly string[]> {
  const names = await readdir(moduleDir, { recursive: true });
  const sources = names.filter((name) => name.endsWith('.go')).sort();
  return [...moduleFiles(moduleDir), ...sources.map((name) => join(moduleDir, name))];
}
