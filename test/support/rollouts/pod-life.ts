import { arrayOf, at, isObject, type Json, type JsonObject, objectOf } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';

/** What happens to the first container (or init container) of a pod. The other containers just run. */
export type Act =
  | { readonly do: 'waiting'; readonly reason: string; readonly message?: string }
  /** Begins, or begins again after an end. Without a readiness probe it is ready at once, as for the kubelet. */
  | { readonly do: 'run' | 'ready' | 'unready' }
  | { readonly do: 'end'; readonly exitCode: number; readonly reason?: string }
  /** The runtime can't start it: a run that never began. */
  | { readonly do: 'cannot-start'; readonly message: string }
  | { readonly do: 'init-run' }
  | { readonly do: 'init-end'; readonly exitCode: number }
  /** The pod is over: its work is done, it failed, or its node threw it out. */
  | { readonly do: 'complete' | 'fail' | 'evicted' };

/** A container as the kubelet reports it. */
interface Run {
  readonly state: JsonObject;
  readonly last?: JsonObject;
  readonly restarts: number;
  readonly ready: boolean;
}

/** A pod's life so far. A value: each act makes a new one. */
export interface Life {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly reason?: string;
  readonly main: Run;
  /** Undefined once its work is done. */
  readonly init?: Run;
}

const notYet: Run = {
  state: { waiting: { reason: 'ContainerCreating', message: '' } },
  restarts: 0,
  ready: false,
};

export const newborn: Life = { phase: 'Pending', main: notYet };

/** The life after an act at the time `now`. */
export function advance(life: Life, act: Act, pod: KubernetesObject, now: string): Life {
  const { main, init } = life;
  switch (act.do) {
    case 'waiting':
      return { ...life, main: waiting(main, act.reason, act.message ?? '') };
    case 'run':
      return { phase: 'Running', main: { ...running(main, now), ready: !isProbed(pod) } };
    case 'ready':
    case 'unready':
      return { ...life, main: { ...main, ready: act.do === 'ready' || !isProbed(pod) } };
    case 'end':
      return { ...life, main: ended(main, act.exitCode, act.reason ?? reasonOf(act.exitCode), now) };
    case 'cannot-start': {
      const never = { exitCode: 128, reason: 'StartError', message: act.message, startedAt: '1970-01-01T00:00:00Z' };
      const wait = waiting(main, 'RunContainerError', act.message);
      return { phase: 'Running', main: { ...wait, last: { terminated: { ...never, finishedAt: now } } } };
    }
    case 'init-run':
      return { ...life, init: running(init ?? notYet, now) };
    case 'init-end':
      // A literal without `init`: it is done.
      if (act.exitCode === 0) return { phase: life.phase, main };
      return { ...life, init: ended(init ?? notYet, act.exitCode, reasonOf(act.exitCode), now) };
    case 'complete':
      return { phase: 'Succeeded', main: ended(main, 0, 'Completed', now) };
    case 'fail':
      return { phase: 'Failed', main: ended(main, 1, 'Error', now) };
    case 'evicted':
      return { phase: 'Failed', reason: 'Evicted', main: ended(main, 137, 'Error', now) };
  }
}

function waiting(run: Run, reason: string, message: string): Run {
  const last = lastOf(run);
  return { ...run, ...last, state: { waiting: { reason, message } }, ready: false };
}

function running(run: Run, now: string): Run {
  const last = lastOf(run);
  const restarts = last.last === undefined ? run.restarts : run.restarts + 1;
  return { ...last, state: { running: { startedAt: now } }, restarts, ready: false };
}

function ended(run: Run, exitCode: number, reason: string, now: string): Run {
  const startedAt = at(run.state, 'running', 'startedAt') ?? now;
  return { ...run, state: { terminated: { exitCode, reason, startedAt, finishedAt: now } }, ready: false };
}

/** What ended is what came before the state that follows. */
function lastOf({ state, last }: Run): { readonly last?: JsonObject } {
  if (isObject(state['terminated'])) return { last: { terminated: state['terminated'] } };
  return last === undefined ? {} : { last };
}

function reasonOf(exitCode: number): string {
  return exitCode === 0 ? 'Completed' : 'Error';
}

function isProbed(pod: KubernetesObject): boolean {
  return isObject(at(arrayOf(at(pod, 'spec', 'containers'))[0], 'readinessProbe'));
}

/** The status that a kubelet reports of this life. `known` are the conditions so far: one that stays keeps its time. */
export function statusOf(pod: KubernetesObject, life: Life, podIP: string, known: Json, now: string): JsonObject {
  const { phase, reason, main, init } = life;
  const [first, ...others] = arrayOf(at(pod, 'spec', 'containers'));
  const sidecars = others.map((spec) => report(spec, sidecarOf(life, pod, now)));
  const ready = phase === 'Running' && main.ready;
  const done: Run = {
    state: { terminated: { exitCode: 0, reason: 'Completed', startedAt: now, finishedAt: now } },
    restarts: 0,
    ready: true,
  };
  const conditions = [
    ['PodReadyToStartContainers', phase === 'Pending' || phase === 'Running'],
    ['Initialized', init === undefined],
    ['ContainersReady', ready],
    ['Ready', ready],
  ] as const;
  return {
    phase,
    ...(reason === undefined ? {} : { reason, message: `The node was low on resource: memory.` }),
    hostIP: '127.0.0.1',
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: pod.metadata.creationTimestamp ?? now,
    conditions: conditions.map(([type, isTrue]) => condition(type, isTrue ? 'True' : 'False', known, now)),
    initContainerStatuses: arrayOf(at(pod, 'spec', 'initContainers')).map((spec) => report(spec, init ?? done)),
    containerStatuses: [...(first === undefined ? [] : [report(first, main)]), ...sidecars],
  };
}

function sidecarOf({ phase, main }: Life, { metadata }: KubernetesObject, now: string): Run {
  if (phase === 'Pending') return notYet;
  const startedAt = metadata.creationTimestamp ?? now;
  if (phase === 'Running') return { state: { running: { startedAt } }, restarts: 0, ready: true };
  return ended(main, 0, 'Completed', now);
}

function report(spec: Json, { state, last, restarts, ready }: Run): JsonObject {
  const { name = '', image = '' } = objectOf(spec);
  const started = state['running'] !== undefined;
  return { name, image, imageID: '', restartCount: restarts, ready, started, state, lastState: last ?? {} };
}

function condition(type: string, status: string, known: Json, now: string): JsonObject {
  const before = arrayOf(known).find((one) => at(one, 'type') === type && at(one, 'status') === status);
  return { type, status, lastTransitionTime: at(before, 'lastTransitionTime') ?? now };
}
