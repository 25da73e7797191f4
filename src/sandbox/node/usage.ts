import { arrayOf, at, type Json, stringOf } from '../../model/json.ts';
import type { ApiClient } from '../api.ts';
import { nodeName } from './settings.ts';

/** What a container uses now: thousandths of a core, and bytes that can't be given back (the working set). */
export interface Usage {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

/** Finds what the kubelet measured of a container; undefined where it hasn't yet. */
export type Measured = (namespace: string, pod: string, container: string) => Usage | undefined;

const nanoPerMilli = 1e6;

/** Asks the real node's kubelet for its own figures (`/stats/summary`), as a metrics server does. */
export async function measureUsage(api: ApiClient): Promise<Measured> {
  const { body } = await api.call('GET', `/api/v1/nodes/${nodeName}/proxy/stats/summary`);
  const usages = new Map(arrayOf(at(body, 'pods')).flatMap(containersOf));
  return (...names) => usages.get(names.join('/'));
}

function containersOf(pod: Json): readonly (readonly [string, Usage])[] {
  const names = ['namespace', 'name'].map((name) => stringOf(at(pod, 'podRef', name)) ?? '');
  return arrayOf(at(pod, 'containers')).flatMap((container) => {
    const cpu = at(container, 'cpu', 'usageNanoCores');
    const memory = at(container, 'memory', 'workingSetBytes');
    if (typeof cpu !== 'number' || typeof memory !== 'number') return [];
    const key = [...names, stringOf(at(container, 'name')) ?? ''].join('/');
    return [[key, { cpuMilli: Math.round(cpu / nanoPerMilli), memoryBytes: memory }] as const];
  });
}
