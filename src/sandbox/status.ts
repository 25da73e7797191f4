import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { arrayOf, at, type Json, type JsonObject, stringOf } from '../model/json.ts';
import { type ApiClient, createApiClient } from './api.ts';
import { isRunning } from './processes.ts';
import { runningState } from './start.ts';
import { readState, type SandboxState, stateFiles } from './state.ts';

/** What `start` and `status` tell scripts: the fields that they rely on. */
export function startData(dir: string, state: SandboxState): JsonObject {
  const { kubeconfig, auditLog } = stateFiles(dir);
  const { server, control, supervisor, version, node } = state;
  const registry = registryOf(state);
  const images = registry === undefined ? {} : { registry };
  return { kubeconfig, server, auditLog, pid: supervisor.pid, state: dir, control, version, node, ...images };
}

/** Host and port of the registry that a real node pulls from; undefined where kwok plays the nodes. */
export function registryOf({ ports }: SandboxState): string | undefined {
  const { registry } = ports;
  return registry === undefined ? undefined : `127.0.0.1:${registry}`;
}

/** How a sandbox is, in words and as data. */
export interface SandboxStatus {
  readonly data: JsonObject;
  readonly text: string;
}

/** Reads the state and, of a ready sandbox, asks its API server for nodes and pods. */
export async function sandboxStatus(dir: string): Promise<SandboxStatus> {
  const recorded = readState(dir);
  const running = await runningState(dir);
  if (running === undefined) {
    const why = recorded === undefined ? undefined : whyNot(recorded);
    const left = recorded === undefined ? [] : await partsLeft(recorded);
    const parts = left.length === 0 ? [] : [`Of its parts these run on: ${left.join(', ')}.`];
    const text = ['No sandbox is running.', ...(why === undefined ? [] : [why]), ...parts].join(' ');
    const data = { running: false, state: dir, ...(why === undefined ? {} : { why }), left: [...left] };
    return { data, text };
  }
  const uptimeSeconds = Math.round((Date.now() - Date.parse(running.startedAt)) / 1000);
  const base = {
    running: true,
    status: running.status,
    uptimeSeconds,
    ports: running.ports,
    ...startData(dir, running),
  };
  if (running.status !== 'ready') return { data: base, text: `The sandbox in ${dir} is ${running.status}.` };
  const counts = await countObjects(dir, running.server).catch(() => undefined);
  if (counts === undefined) {
    const text = `The sandbox in ${dir} is running; its API server does not answer at the moment.`;
    return { data: base, text };
  }
  const registry = registryOf(running);
  const text = [
    `The sandbox in ${dir} has been running for ${uptimeSeconds} s.`,
    `  Kubernetes   ${running.version} at ${running.server}`,
    `  nodes        ${counts.nodesReady} of ${counts.nodes} ready`,
    `  pods         ${counts.podsReady} of ${counts.pods} ready`,
    ...(registry === undefined ? [] : [`  registry     ${registry}`]),
    `  kubeconfig   ${stateFiles(dir).kubeconfig}`,
  ].join('\n');
  return { data: { ...base, ...counts }, text };
}

/** Why a recorded sandbox doesn't run any more. */
function whyNot(recorded: SandboxState): string {
  if (recorded.failure !== undefined) return recorded.failure.message;
  return recorded.status === 'stopping' ? 'It was ended by a signal.' : 'Its supervisor was killed.';
}

/** The components that a killed supervisor couldn't end. A real node is ended by the kernel. */
async function partsLeft({ components }: SandboxState): Promise<readonly string[]> {
  const running = await Promise.all(components.map(isRunning));
  return components.filter((_, index) => running[index] === true).map(({ name }) => name);
}

interface Counts extends JsonObject {
  readonly nodes: number;
  readonly nodesReady: number;
  readonly pods: number;
  readonly podsReady: number;
}

async function countObjects(dir: string, server: string): Promise<Counts> {
  const api = await connectTo(dir, server);
  try {
    const [nodes, pods] = await Promise.all(['nodes', 'pods'].map((kind) => itemsOf(api, kind)));
    const ready = (items: readonly Json[] = []): number => items.filter(isReady).length;
    return { nodes: nodes?.length ?? 0, nodesReady: ready(nodes), pods: pods?.length ?? 0, podsReady: ready(pods) };
  } finally {
    api.close();
  }
}

async function connectTo(dir: string, server: string): Promise<ApiClient> {
  const config: Json = parse(await readFile(stateFiles(dir).kubeconfig, 'utf8'));
  const ca = stringOf(at(arrayOf(at(config, 'clusters'))[0], 'cluster', 'certificate-authority-data')) ?? '';
  const token = stringOf(at(arrayOf(at(config, 'users'))[0], 'user', 'token')) ?? '';
  return createApiClient(server, Buffer.from(ca, 'base64').toString('utf8'), token);
}

async function itemsOf(api: ApiClient, kind: string): Promise<readonly Json[]> {
  return arrayOf(at((await api.call('GET', `/api/v1/${kind}`)).body, 'items'));
}

function isReady(object: Json): boolean {
  const conditions = arrayOf(at(object, 'status', 'conditions'));
  return conditions.some((one) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True');
}
