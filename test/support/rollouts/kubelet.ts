import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { watchObjects } from '../../../src/cluster/watch-objects.ts';
import { at, type Json } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import type { TestSandbox } from '../sandbox.ts';
import type { EventWriter } from './event-writer.ts';
import { advance, newborn, statusOf } from './pod-life.ts';
import type { Step } from './steps.ts';

/** The finalizer that stands for connections that a pod still serves: the kubelet takes it off after its drain. */
export const drainFinalizer = 'test.oms-deploy.io/drain';

export interface KubeletOptions {
  readonly sandbox: TestSandbox;
  readonly cluster: Cluster;
  readonly namespace: string;
  /** The script of a pod with the behaviour `manual`; asked once per pod. */
  readonly scriptOf: (pod: KubernetesObject) => readonly Step[];
  readonly drainMs: number;
  readonly writeEvent: EventWriter;
}

/** Plays the kubelets of one namespace: writes the status of pods with the behaviour `manual`, as their scripts say. */
export interface Kubelet {
  /** The node says nothing more, and the node controller calls its pods unready. False where it is lost already. */
  lose(node: string): Promise<boolean>;
  /** The node is back: its kubelet reports its pods again. */
  regain(node: string): Promise<void>;
  /** Whether every pod either awaits mending or has got through its script, and one does await it. */
  isStuck(): boolean;
  /** The longest that a step of a script came later than the script says: a busy machine has other rollouts than planned. */
  lateMs(): number;
  /** Ends every `await-mending`. */
  mend(): void;
  readonly ended: Promise<void>;
}

const strategic = 'application/strategic-merge-patch+json';

/** Starts the kubelets; they end with the signal. */
export function startKubelet(options: KubeletOptions, signal: AbortSignal): Kubelet {
  const { cluster, namespace } = options;
  const pods = new Map<string, AbortController>();
  const lost = new Map<string, PromiseWithResolve>();
  const mended = promiseWithResolve();
  const counts = { playing: 0, awaiting: 0, lateMs: 0 };
  const parts = { ...options, mended: mended.promise, lost, counts };
  const draining = new Set<string>();
  const seen = (pod: KubernetesObject): void => {
    const { uid = '', deletionTimestamp, annotations } = pod.metadata;
    const isPlayed = annotations?.['sandbox.oms-deploy.io/behavior'] === 'manual';
    if (deletionTimestamp !== undefined) {
      pods.get(uid)?.abort();
      if (!draining.has(uid)) void drain(pod, options, signal).catch(() => undefined);
      draining.add(uid);
    } else if (isPlayed && !pods.has(uid) && typeof at(pod, 'spec', 'nodeName') === 'string') {
      const stop = new AbortController();
      pods.set(uid, stop);
      const podIP = `10.99.${pods.size >> 8}.${pods.size & 255}`;
      void play(pod, podIP, parts, AbortSignal.any([signal, stop.signal]));
    }
  };
  const watcher = {
    listed: (list: readonly KubernetesObject[]) => list.forEach(seen),
    changed: seen,
    deleted: (pod: KubernetesObject) => pods.get(pod.metadata.uid ?? '')?.abort(),
    trouble: () => undefined,
  };
  const onNode = async (node: string, ready: 'True' | 'False', among?: ReadonlySet<string>): Promise<string[]> => {
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal);
    const hit = items.filter((pod) => at(pod, 'spec', 'nodeName') === node && isReady(pod) !== (ready === 'True'));
    const chosen = hit.filter(({ metadata }) => among === undefined || among.has(metadata.uid ?? ''));
    await Promise.all(chosen.map((pod) => writeReady(pod, ready, options)));
    return chosen.map(({ metadata }) => metadata.uid ?? '');
  };
  const unready = new Map<string, ReadonlySet<string>>();
  return {
    async lose(node) {
      if (lost.has(node)) return false;
      lost.set(node, promiseWithResolve());
      unready.set(node, new Set(await onNode(node, 'False')));
      return true;
    },
    async regain(node) {
      await onNode(node, 'True', unready.get(node));
      lost.get(node)?.resolve();
      lost.delete(node);
    },
    isStuck: () => counts.awaiting > 0 && counts.awaiting === counts.playing,
    lateMs: () => counts.lateMs,
    mend: mended.resolve,
    ended: watchObjects(cluster, { apiVersion: 'v1', kind: 'Pod', namespace }, watcher, signal),
  };
}

interface Parts extends KubeletOptions {
  readonly mended: Promise<void>;
  readonly lost: ReadonlyMap<string, PromiseWithResolve>;
  readonly counts: { playing: number; awaiting: number; lateMs: number };
}

async function play(pod: KubernetesObject, podIP: string, parts: Parts, signal: AbortSignal): Promise<void> {
  parts.counts.playing += 1;
  try {
    await follow(pod, podIP, parts, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    parts.counts.playing -= 1;
  }
}

async function follow(pod: KubernetesObject, podIP: string, parts: Parts, signal: AbortSignal): Promise<void> {
  let life = newborn;
  let conditions: Json = [];
  let dueMs = Date.now();
  for (const step of parts.scriptOf(pod)) {
    dueMs += step.afterMs;
    await delay(Math.max(0, dueMs - Date.now()), undefined, { signal });
    parts.counts.lateMs = Math.max(parts.counts.lateMs, Date.now() - dueMs);
    const isLost = parts.lost.has(String(at(pod, 'spec', 'nodeName')));
    await parts.lost.get(String(at(pod, 'spec', 'nodeName')))?.promise;
    if (step.do === 'await-mending') {
      parts.counts.awaiting += 1;
      await parts.mended;
      parts.counts.awaiting -= 1;
    }
    // Who waited for something else is not late.
    if (isLost || step.do === 'await-mending') dueMs = Date.now();
    if (signal.aborted) return;
    if (step.do === 'event') await parts.writeEvent(pod, step);
    if (step.do === 'event' || step.do === 'await-mending') continue;
    const now = new Date().toISOString();
    life = advance(life, step, pod, now);
    const status = statusOf(pod, life, podIP, conditions, now);
    conditions = status['conditions'] ?? [];
    await writeStatus(pod, status, parts);
  }
}

/** A pod that is gone meanwhile is no error: it was deleted, as pods are. */
async function writeStatus(pod: KubernetesObject, status: Json, { sandbox, namespace }: KubeletOptions): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod.metadata.name ?? ''}/status`;
  // With the uid a patch can't hit the pod of the same name that a StatefulSet made after it: that is refused.
  const body = { metadata: { uid: pod.metadata.uid ?? '' }, status };
  const answer = await sandbox.request('PATCH', path, body, strategic);
  const said = JSON.stringify(answer.body);
  if (answer.status === 200 || answer.status === 404 || answer.status === 409 || said.includes('metadata.uid')) return;
  throw new Error(`PATCH ${path}: ${answer.status} ${said}`);
}

async function writeReady(pod: KubernetesObject, status: 'True' | 'False', options: KubeletOptions): Promise<void> {
  const condition = { type: 'Ready', status, lastTransitionTime: new Date().toISOString() };
  await writeStatus(pod, { conditions: [condition] }, options);
}

async function drain(pod: KubernetesObject, options: KubeletOptions, signal: AbortSignal): Promise<void> {
  if (pod.metadata.finalizers === undefined) return;
  await delay(options.drainMs, undefined, { signal });
  const path = `/api/v1/namespaces/${options.namespace}/pods/${pod.metadata.name ?? ''}`;
  await options.sandbox.request('PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json');
}

function isReady(pod: KubernetesObject): boolean {
  const conditions = at(pod, 'status', 'conditions');
  return (
    Array.isArray(conditions) &&
    conditions.some((one: Json) => at(one, 'type') === 'Ready' && at(one, 'status') === 'True')
  );
}

interface PromiseWithResolve {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function promiseWithResolve(): PromiseWithResolve {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
