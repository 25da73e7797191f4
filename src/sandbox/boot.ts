import { readFile } from 'node:fs/promises';
import { get, type Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { arrayOf, at, stringOf } from '../model/json.ts';
import { type ApiClient, createApiClient } from './api.ts';
import { createAppServer } from './app-server.ts';
import { findAssets } from './assets.ts';
import { lastLines, waitUntil } from './component.ts';
import { argumentsOf, type ComponentName, controlPlaneFiles, type SandboxPorts } from './control-plane.ts';
import { createControlServer, type Restart } from './control-server.ts';
import { createControls } from './controls.ts';
import { createFleet, type Death, type Fleet } from './fleet.ts';
import { createKubelet } from './kubelet.ts';
import { createClusterObjects } from './objects.ts';
import { freePorts, listen, portOf } from './ports.ts';
import { serverUrl, writeKubeconfigs, writePrivate, writeServerFiles } from './setup.ts';
import { kwokConfig } from './stages.ts';
import { type SandboxState, type StateFiles, stateFiles } from './state.ts';

export interface BootOptions {
  readonly dir: string;
  /** The folder of the control plane's executables. */
  readonly binaries: string;
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
  const fleet = createFleet({ files, binaries: options.binaries, env: context.env, onChange });
  const boot: Boot = { files, tokenWebhook: options.tokenWebhook, context, record, fleet, servers: [], clients: [] };
  try {
    await bootAll(boot);
  } catch (error) {
    await stopAll(boot);
    throw error;
  }
  return { died: fleet.died, stop: () => stopAll(boot) };
}

async function bootAll(boot: Boot): Promise<void> {
  const { files, tokenWebhook, record, fleet } = boot;
  const own = controlPlaneFiles(files);
  const [etcd = 0, etcdPeer = 0, apiServer = 0, kwok = 0] = await freePorts(4);
  const ports: SandboxPorts = { etcd, etcdPeer, apiServer, kwok };
  const tokens = await writeServerFiles(files);

  await fleet.start('etcd', argumentsOf('etcd', files, ports));
  await until(boot, 'etcd', () => answers(`http://127.0.0.1:${etcd}/health`));
  await fleet.start('kube-apiserver', argumentsOf('kube-apiserver', files, ports, { tokenWebhook }));
  await until(boot, 'kube-apiserver', () => isWritten(own.key));
  await writeKubeconfigs(files, ports, tokens);
  const tls = { cert: await readFile(own.cert, 'utf8'), key: await readFile(own.key, 'utf8') };
  const api = createApiClient(serverUrl(ports), tls.cert, tokens.supervisor);
  boot.clients.push(api);
  await until(boot, 'kube-apiserver', () => isOk(api, '/api/v1/namespaces/kube-system'));

  const controls = createControls();
  const controlPort = await serveOn(boot, createControlServer(controls, restarter(boot, api)));
  const app = createAppServer(controls, api);
  const appPort = await serveOn(boot, app.server);
  const kubeletPort = await serveOn(boot, createKubelet({ api, controls, app, appPort, kwokPort: kwok, tls }));
  await writePrivate(own.kwokConfig, await kwokConfig(findAssets().kwokDir, appPort));
  const start = (name: ComponentName): Promise<void> =>
    fleet.start(name, argumentsOf(name, files, ports, { kubeletPort }));
  await start('kube-scheduler');
  await start('kwok');
  await createClusterObjects(api, kubeletPort);
  // The controllers use service accounts: before the built-in roles are there, they would be refused and back off.
  await until(boot, 'kube-apiserver', () => isOk(api, '/readyz'));
  await start('kube-controller-manager');
  await until(boot, 'kwok', () => nodesReady(api));
  await until(boot, 'kube-apiserver', () => isOk(api, '/apis/metrics.k8s.io/v1beta1'));
  await until(boot, 'kube-controller-manager', () => isOk(api, '/api/v1/namespaces/default/serviceaccounts/default'));
  record.update({
    version: stringOf(at((await api.call('GET', '/version')).body, 'gitVersion')) ?? '',
    server: serverUrl(ports),
    control: `http://127.0.0.1:${controlPort}`,
    ports: { ...ports, kubelet: kubeletPort, control: controlPort, app: appPort },
  });
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
