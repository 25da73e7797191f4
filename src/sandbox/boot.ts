import { readFile } from 'node:fs/promises';
import { get, type Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { arrayOf, at, stringOf } from '../model/json.ts';
import { type ApiClient, createApiClient } from './api.ts';
import { createAppServer } from './app-server.ts';
import { findAssets } from './assets.ts';
import { lastLines, waitUntil } from './component.ts';
import { argumentsOf, binaryNames, type ComponentName, controlPlaneFiles, type SandboxPorts } from './control-plane.ts';
import { createControlServer, type Restart } from './control-server.ts';
import { type Controls, createControls } from './controls.ts';
import { createFleet, type Death, type Fleet } from './fleet.ts';
import { createKubelet } from './kubelet.ts';
import { createMetricsServer } from './metrics-server.ts';
import { publishImages } from './node/images.ts';
import type { NodeParts } from './node/parts.ts';
import { launcherArguments, type PreparedNode, prepareNode } from './node/prepare.ts';
import { nodeAddress, pauseImage } from './node/settings.ts';
import { measureUsage } from './node/usage.ts';
import { createApiEndpoint, createClusterObjects, createPlayedNodes } from './objects.ts';
import { freePorts, listen, portOf } from './ports.ts';
import { serverUrl, writeKubeconfigs, writePrivate, writeServerFiles } from './setup.ts';
import { kwokConfig } from './stages.ts';
import { type SandboxState, type StateFiles, stateFiles } from './state.ts';

export interface BootOptions {
  readonly dir: string;
  /** The folder of the control plane's executables. */
  readonly binaries: string;
  /** A real node's programs; without them kwok plays the nodes. */
  readonly parts?: NodeParts | undefined;
  /** The kubeconfig of a webhook that the API server asks about tokens it doesn't know (TokenReview). */
  readonly tokenWebhook?: string;
}

/** Writes each change of the state to the folder, so that `stop` finds every process even after a SIGKILL. */
export interface Recorder {
  update(change: Partial<SandboxState>): void;
}

/** A running control plane. */
export interface ControlPlane {
  /** Resolves when a component has ended by itself. */
  readonly died: Promise<Death>;
  /** Stops all, in the reverse order of their start. May be called again. */
  stop(): Promise<void>;
}

/** What has been started so far, and what it was started with. */
interface Boot {
  readonly files: StateFiles;
  readonly parts: NodeParts | undefined;
  readonly tokenWebhook: string | undefined;
  readonly context: Context;
  readonly record: Recorder;
  readonly fleet: Fleet;
  readonly servers: (HttpServer | HttpsServer)[];
  readonly clients: ApiClient[];
}

const startTimeoutMs = 60_000;

/** Starts all of a sandbox; throws DeployError('failed') with the component's name and the end of its log. */
export async function startControlPlane(
  options: BootOptions,
  context: Context,
  record: Recorder,
): Promise<ControlPlane> {
  const files = stateFiles(options.dir);
  const onChange = (components: SandboxState['components']): void => {
    record.update({ components });
  };
  const { binaries, parts, tokenWebhook } = options;
  const programOf = (name: ComponentName): string => programFile(name, binaries, parts);
  const fleet = createFleet({ files, programOf, env: context.env, onChange });
  const boot: Boot = { files, parts, tokenWebhook, context, record, fleet, servers: [], clients: [] };
  try {
    await bootAll(boot);
  } catch (error) {
    await stopAll(boot);
    throw error;
  }
  return { died: fleet.died, stop: () => stopAll(boot) };
}

function programFile(name: ComponentName, binaries: string, parts: NodeParts | undefined): string {
  if (name === 'node') return parts?.launcher ?? '';
  return name === 'registry' ? (parts?.registry ?? '') : join(binaries, binaryNames[name]);
}

async function bootAll(boot: Boot): Promise<void> {
  const { files, parts, tokenWebhook, record, fleet } = boot;
  const own = controlPlaneFiles(files);
  const [etcd = 0, etcdPeer = 0, apiServer = 0, kwok = 0] = await freePorts(4);
  const ports: SandboxPorts = { etcd, etcdPeer, apiServer, kwok };
  const tokens = await writeServerFiles(files);
  const node = parts === undefined ? undefined : await prepareNode(parts, files);

  await fleet.start('etcd', argumentsOf('etcd', files, ports));
  await until(boot, 'etcd', () => answers(`http://127.0.0.1:${etcd}/health`));
  const isReal = node !== undefined;
  await fleet.start('kube-apiserver', argumentsOf('kube-apiserver', files, ports, { tokenWebhook, realNode: isReal }));
  await until(boot, 'kube-apiserver', () => isWritten(own.key));
  await writeKubeconfigs(files, ports, tokens);
  const tls = { cert: await readFile(own.cert, 'utf8'), key: await readFile(own.key, 'utf8') };
  const api = createApiClient(serverUrl(ports), tls.cert, tokens.supervisor);
  boot.clients.push(api);
  await until(boot, 'kube-apiserver', () => isOk(api, '/api/v1/namespaces/kube-system'));

  const controls = createControls();
  const controlPort = await serveOn(
    boot,
    createControlServer(controls, restarter(boot, api), isReal ? 'real' : 'kwok'),
  );
  await fleet.start('kube-scheduler', argumentsOf('kube-scheduler', files, ports));
  const started: Base = { api, controls, ports, tls };
  const nodePorts = isReal ? await startNode(boot, started, node) : await playNodes(boot, started);
  // The controllers use service accounts: before the built-in roles are there, they would be refused and back off.
  await until(boot, 'kube-apiserver', () => isOk(api, '/readyz'));
  await fleet.start('kube-controller-manager', argumentsOf('kube-controller-manager', files, ports));
  await until(boot, isReal ? 'node' : 'kwok', () => nodesReady(api));
  await until(boot, 'kube-apiserver', () => isOk(api, '/apis/metrics.k8s.io/v1beta1'));
  await until(boot, 'kube-controller-manager', () => isOk(api, '/api/v1/namespaces/default/serviceaccounts/default'));
  record.update({
    version: stringOf(at((await api.call('GET', '/version')).body, 'gitVersion')) ?? '',
    server: serverUrl(ports),
    control: `http://127.0.0.1:${controlPort}`,
    ports: { etcd, etcdPeer, apiServer, control: controlPort, ...nodePorts },
  });
}

/** What the nodes are started with. */
interface Base {
  readonly api: ApiClient;
  readonly controls: Controls;
  readonly ports: SandboxPorts;
  readonly tls: { readonly cert: string; readonly key: string };
}

/** Starts kwok and what it hands on to: pods follow a script. Returns the ports to be recorded. */
async function playNodes(boot: Boot, { api, controls, ports, tls }: Base): Promise<SandboxState['ports']> {
  const { files, fleet } = boot;
  const { kwok: kwokPort } = ports;
  const app = createAppServer(controls, api);
  const appPort = await serveOn(boot, app.server);
  const kubeletPort = await serveOn(boot, createKubelet({ api, controls, app, appPort, kwokPort, tls }));
  await writePrivate(controlPlaneFiles(files).kwokConfig, await kwokConfig(findAssets().kwokDir, appPort));
  await fleet.start('kwok', argumentsOf('kwok', files, ports, { kubeletPort }));
  await Promise.all([createPlayedNodes(api), createClusterObjects(api, kubeletPort)]);
  return { kwok: kwokPort, kubelet: kubeletPort, app: appPort };
}

/** Starts a node with containers, and the registry that it pulls from. Returns the ports to be recorded. */
async function startNode(boot: Boot, base: Base, node: PreparedNode): Promise<SandboxState['ports']> {
  const { fleet } = boot;
  const { api, controls, ports, tls } = base;
  const { registryPort: registry } = node;
  await fleet.start('registry', node.registryArguments);
  await until(boot, 'registry', () => answers(`http://127.0.0.1:${registry}/v2/`));
  await publishImages(node.parts, registry, [pauseImage], boot.context.signal);
  const metrics = await serveOn(boot, createMetricsServer({ api, controls, measure: () => measureUsage(api) }, tls));
  await fleet.start('node', await launcherArguments(node, boot.files, ports.apiServer));
  await Promise.all([createApiEndpoint(api, nodeAddress, ports.apiServer), createClusterObjects(api, metrics)]);
  return { registry, metrics };
}

/** What `PUT /control/restart` does: only the API server says when it serves again. */
function restarter(boot: Boot, api: ApiClient): Restart {
  return async (component, downMs) => {
    await boot.fleet.restart(component, downMs);
    if (component === 'kube-apiserver') await until(boot, component, () => isOk(api, '/readyz'));
  };
}

async function serveOn(boot: Boot, server: HttpServer | HttpsServer): Promise<number> {
  boot.servers.push(await listen(server));
  return portOf(server);
}

/** Waits until `probe` says yes, or all is being stopped; fails at once where a component ends. `name` is who is to blame for a timeout. */
async function until(boot: Boot, name: ComponentName, probe: () => Promise<boolean>): Promise<void> {
  const { fleet, context } = boot;
  const quiet = (): Promise<boolean> => probe().catch(() => false);
  const arrived = await waitUntil(
    async () => fleet.death() !== undefined || fleet.stopping.aborted || (await quiet()),
    startTimeoutMs,
    context.signal,
  );
  const death = await fleet.death();
  if (death !== undefined) throw new DeployError('failed', death.message, { why: death.why });
  if (arrived) return;
  const log = fleet.logFileOf(name);
  const message = `The sandbox's ${name} was not ready within ${startTimeoutMs / 1000} s.`;
  throw new DeployError('failed', message, { why: log === undefined ? '' : await lastLines(log, 10) });
}

async function stopAll(boot: Boot): Promise<void> {
  await boot.fleet.stop();
  for (const client of boot.clients) client.close();
  for (const server of boot.servers) {
    server.close();
    server.closeAllConnections();
  }
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = get(url, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    sent.on('error', () => {
      resolve(false);
    });
  });
}

/** True when a PEM file is complete. */
async function isWritten(file: string): Promise<boolean> {
  return (await readFile(file, 'utf8')).trimEnd().endsWith('-----');
}

async function isOk(api: ApiClient, path: string): Promise<boolean> {
  return (await api.call('GET', path)).status === 200;
}

async function nodesReady(api: ApiClient): Promise<boolean> {
  const nodes = arrayOf(at((await api.call('GET', '/api/v1/nodes')).body, 'items'));
  const ready = nodes.filter((node) =>
    arrayOf(at(node, 'status', 'conditions')).some(
      (one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True',
    ),
  );
  return nodes.length > 0 && ready.length === nodes.length;
}
