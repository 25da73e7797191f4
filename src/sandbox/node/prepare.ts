import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { JsonObject } from '../../model/json.ts';
import { findAssets } from '../assets.ts';
import { controlPlaneFiles } from '../control-plane.ts';
import { freePorts } from '../ports.ts';
import { writePrivate } from '../setup.ts';
import type { StateFiles } from '../state.ts';
import { debianDir } from './debian.ts';
import type { NodeParts } from './parts.ts';
import { nodeAddress, nodeName, podRange, registryInside, serviceRange } from './settings.ts';

const run = promisify(execFile);

/** A real node that is ready to be started: its keys, and its registry's configuration. */
export interface PreparedNode {
  readonly parts: NodeParts;
  readonly registryArguments: readonly string[];
  readonly registryPort: number;
}

/** Writes what the API server and the registry need before they start. */
export async function prepareNode(parts: NodeParts, files: StateFiles): Promise<PreparedNode> {
  const [registryPort = 0] = await freePorts(1);
  await run(parts.launcher, ['keys', files.pki]);
  await writePrivate(controlPlaneFiles(files).egress, stringify(egressSelector()));
  await mkdir(files.node, { recursive: true, mode: 0o700 });
  const config = join(files.node, 'registry.yaml');
  await writePrivate(config, stringify(registryConfig(join(files.node, 'registry'), registryPort)));
  return { parts, registryArguments: ['serve', config], registryPort };
}

/**
 * The launcher's socket. Both it and the API server run in the sandbox's folder: an absolute path may be longer than the
 * 107 bytes that the kernel has for the name of a socket.
 */
const egressSocket = 'node/egress.sock';

/** The API server reaches nodes, pods and Services by HTTP CONNECT. Its TCP transport panics without certificates. */
function egressSelector(): JsonObject {
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: egressSocket } } };
  return {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  };
}

function registryConfig(rootdirectory: string, port: number): JsonObject {
  return {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory } },
    http: { addr: `127.0.0.1:${port}` },
  };
}

/** Writes what the launcher reads, and returns its arguments. The kubeconfigs of the node's parts must be there. */
export async function launcherArguments(
  node: PreparedNode,
  files: StateFiles,
  apiServerPort: number,
): Promise<readonly string[]> {
  const config = join(files.node, 'launcher.json');
  await writePrivate(config, JSON.stringify(launcherConfig(node, files, apiServerPort), undefined, 2));
  return ['run', config];
}

/** The launcher's configuration: see programs/launcher/config.go. */
function launcherConfig({ parts, registryPort }: PreparedNode, files: StateFiles, apiServerPort: number): JsonObject {
  const apiServer = `127.0.0.1:${apiServerPort}`;
  return {
    dir: files.node,
    launcher: parts.launcher,
    folders: {
      node: files.node,
      logs: files.logs,
      pki: files.pki,
      parts: parts.folder,
      config: join(findAssets().nodeDir, 'config'),
    },
    name: nodeName,
    address: nodeAddress,
    serviceRange,
    inside: [`${nodeAddress}/32`, serviceRange, podRange],
    proxy: egressSocket,
    relays: [
      // By the address that the kubeconfigs name, and by one that pods can reach.
      { listen: apiServer, target: apiServer },
      { listen: `${nodeAddress}:${apiServerPort}`, target: apiServer },
      { listen: registryInside, target: `127.0.0.1:${registryPort}` },
    ],
    daemons: daemons(),
    environment: environment(),
  };
}

function daemons(): readonly JsonObject[] {
  const daemon = (name: string, args: readonly string[], socket = ''): JsonObject => {
    return { name, args: [`/run/parts/${name}`, ...args], log: `/run/logs/${name}.log`, socket };
  };
  const labels = {
    'node.kubernetes.io/instance-type': 'm6i.4xlarge',
    'topology.kubernetes.io/region': 'us-east-1',
    'topology.kubernetes.io/zone': 'us-east-1a',
  };
  return [
    daemon('containerd', ['--config', '/run/config/containerd.toml'], '/run/containerd/containerd.sock'),
    daemon('kubelet', [
      ...['--config', '/run/config/kubelet.yaml', '--kubeconfig', '/run/pki/kubelet.kubeconfig'],
      ...['--hostname-override', nodeName, '--node-ip', nodeAddress],
      ...['--root-dir', '/run/node/kubelet', '--cert-dir', '/run/node/kubelet-certificates'],
      `--node-labels=${Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(',')}`,
    ]),
    daemon('kube-proxy', ['--config', '/run/config/kube-proxy.yaml', '--hostname-override', nodeName]),
    daemon('dns', ['-conf', '/run/config/Corefile']),
  ];
}

/** The daemons find each other's programs, those of Debian's packages, and the few of the machine (mount, for one). */
function environment(): readonly string[] {
  const debian = `/run/parts/${debianDir}/usr`;
  const machine = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const libraries = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((name) => `${debian}/lib/${name}`);
  return [
    `PATH=${[`${debian}/sbin`, '/run/parts', ...machine].join(':')}`,
    `LD_LIBRARY_PATH=${libraries.join(':')}`,
    'HOME=/root',
  ];
}
