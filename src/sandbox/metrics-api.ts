import { arrayOf, at, type Json, type JsonObject, stringOf } from '../model/json.ts';
import type { ApiClient } from './api.ts';
import type { Controls } from './controls.ts';
import type { Measured, Usage } from './node/usage.ts';

const root = '/apis/metrics.k8s.io/v1beta1';
const apiVersion = 'metrics.k8s.io/v1beta1';
const mebibyte = 1024 * 1024;

/** Where the figures come from. */
export interface MetricsSource {
  readonly api: ApiClient;
  readonly controls: Controls;
  /** Of a real node: what its kubelet measures. Without it, containers use a part of what they ask for. */
  readonly measure?: () => Promise<Measured>;
}

/** The metrics API (`metrics.k8s.io/v1beta1`) as the aggregator asks for it. Undefined where the path isn't part of it. */
export async function answerMetrics(url: URL, source: MetricsSource): Promise<Json | undefined> {
  const path = url.pathname.replace(/\/$/, '');
  if (path === root) return resources();
  const match = /^(?:\/namespaces\/([^/]+))?\/(pods|nodes)(?:\/([^/]+))?$/.exec(path.slice(root.length));
  if (!path.startsWith(root) || match === null) return undefined;
  const [, namespace, resource, name] = match;
  const items = await usages(namespace, name, url.searchParams.get('labelSelector') ?? '', source);
  if (resource === 'nodes') {
    const nodes = perNode(items).filter((node) => name === undefined || at(node, 'metadata', 'name') === name);
    return name === undefined ? list('NodeMetricsList', nodes) : nodes[0];
  }
  const pods = items.map(podMetrics);
  return name === undefined ? list('PodMetricsList', pods) : pods[0];
}

function resources(): JsonObject {
  const verbs = ['get', 'list'];
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersion,
    resources: [
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs },
    ],
  };
}

function list(kind: string, items: readonly JsonObject[]): JsonObject {
  return { kind, apiVersion, metadata: {}, items };
}

interface PodUsage {
  readonly metadata: JsonObject;
  readonly node: string;
  readonly containers: readonly { readonly name: string; readonly cpuMilli: number; readonly memoryBytes: number }[];
}

async function usages(
  namespace: string | undefined,
  name: string | undefined,
  labelSelector: string,
  { api, controls, measure }: MetricsSource,
): Promise<readonly PodUsage[]> {
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  const fields = [
    'status.phase=Running',
    ...(namespace === undefined || name === undefined ? [] : [`metadata.name=${name}`]),
  ];
  const query = new URLSearchParams({ labelSelector, fieldSelector: fields.join(',') });
  const answer = await api.call('GET', `/api/v1${scope}/pods?${query.toString()}`);
  const pods = arrayOf(at(answer.body, 'items'));
  const measured = await measure?.();
  return pods.flatMap((pod) => {
    const usage = usageOf(pod, controls, measured);
    return usage === undefined ? [] : [usage];
  });
}

/** Undefined for a pod of which the kubelet has no figures yet, as of a metrics server. */
function usageOf(pod: Json, controls: Controls, measured: Measured | undefined): PodUsage | undefined {
  const namespace = stringOf(at(pod, 'metadata', 'namespace')) ?? '';
  const name = stringOf(at(pod, 'metadata', 'name')) ?? '';
  const rule = controls.usageOf(namespace, name);
  const all = arrayOf(at(pod, 'spec', 'containers'));
  const containers = all.flatMap((container) => {
    const own = stringOf(at(container, 'name')) ?? '';
    const usual = measured === undefined ? defaultUsage(container) : measured(namespace, name, own);
    if (usual === undefined) return [];
    return [
      {
        name: own,
        cpuMilli: rule === undefined ? usual.cpuMilli : cpuMilli(rule.cpu),
        memoryBytes: rule?.memory === undefined ? usual.memoryBytes : memoryBytes(rule.memory),
      },
    ];
  });
  if (containers.length < all.length) return undefined;
  const labels = at(pod, 'metadata', 'labels') ?? {};
  return { metadata: { name, namespace, labels }, node: stringOf(at(pod, 'spec', 'nodeName')) ?? '', containers };
}

function defaultUsage(container: Json): Usage {
  return { cpuMilli: defaultCpuMilli(container), memoryBytes: defaultMemoryBytes(container) };
}

/** A calm service: 30% of what it asks for, or 30m. */
function defaultCpuMilli(container: Json): number {
  const request = stringOf(at(container, 'resources', 'requests', 'cpu'));
  return request === undefined ? 30 : Math.round(cpuMilli(request) * 0.3);
}

/** Half of what it asks for, or 120 MiB. */
function defaultMemoryBytes(container: Json): number {
  const request = stringOf(at(container, 'resources', 'requests', 'memory'));
  return request === undefined ? 120 * mebibyte : Math.round(memoryBytes(request) * 0.5);
}

function podMetrics(usage: PodUsage): JsonObject {
  return {
    metadata: usage.metadata,
    timestamp: new Date().toISOString(),
    window: '15s',
    containers: usage.containers.map(({ name, ...figures }) => ({ name, usage: quantities(figures) })),
  };
}

function perNode(pods: readonly PodUsage[]): readonly JsonObject[] {
  const names = [...new Set(pods.map((pod) => pod.node))].sort();
  return names.map((name) => {
    const all = pods.filter((pod) => pod.node === name).flatMap((pod) => pod.containers);
    const cpu = all.reduce((sum, container) => sum + container.cpuMilli, 0);
    const memory = all.reduce((sum, container) => sum + container.memoryBytes, 0);
    return {
      metadata: { name },
      timestamp: new Date().toISOString(),
      window: '15s',
      usage: quantities({ cpuMilli: cpu, memoryBytes: memory }),
    };
  });
}

function quantities(figures: { readonly cpuMilli: number; readonly memoryBytes: number }): JsonObject {
  return { cpu: `${figures.cpuMilli}m`, memory: `${Math.round(figures.memoryBytes / 1024)}Ki` };
}

/** A CPU quantity (`250m`, `1`, `0.5`) in thousandths of a core. */
function cpuMilli(quantity: string): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: mebibyte,
  Gi: 1024 * mebibyte,
};

/** A memory quantity (`128Mi`, `1Gi`, bytes) in bytes; 0 where the unit is unknown. */
function memoryBytes(quantity: string): number {
  const match = /^([\d.]+)([A-Za-z]*)$/.exec(quantity);
  return Number(match?.[1] ?? 0) * (units[match?.[2] ?? ''] ?? 0);
}
