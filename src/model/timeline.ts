import { arrayOf, at, isObject, numberOf, stringOf } from './json.ts';
import type { KubernetesObject, ObjectRef } from './object.ts';
import { timeMs } from './world.ts';

/** When a pod got how far. Times are RFC 3339, on the API server's clock; one that is absent has not come. */
export interface PodTimes {
  readonly workload: ObjectRef;
  readonly name: string;
  readonly node?: string;
  readonly created?: string;
  /** A node has taken it. */
  readonly scheduled?: string;
  /** The last of its containers began its present run: images are pulled, init containers are done. */
  readonly started?: string;
  readonly ready?: string;
  /** Of all its containers. */
  readonly restarts: number;
}

/** A wave of a plan: from its beginning until all of its objects were applied. */
export interface WaveTimes {
  readonly number: number;
  readonly name: string;
  readonly objects: number;
  readonly started: string;
  readonly ended: string;
}

/** When an object was applied and got ready; `unchanged` for one that was only waited for. */
export interface ObjectTimes {
  readonly object: ObjectRef;
  readonly op: 'create' | 'update' | 'unchanged' | 'delete';
  /** The index of its wave among those of the timeline. */
  readonly wave?: number;
  readonly applied?: string;
  readonly ready?: string;
  /** The last word on it was a certain failure. */
  readonly failed?: boolean;
}

/** What happened when in a release: waves, objects and pods, all on the API server's clock. */
export interface Timeline {
  readonly started: string;
  readonly ended: string;
  readonly waves: readonly WaveTimes[];
  readonly objects: readonly ObjectTimes[];
  readonly pods: readonly PodTimes[];
  /** How many more there were than are kept. */
  readonly omitted: { readonly objects: number; readonly pods: number };
}

/** Reads from a live pod of a workload when it got how far. */
export function podTimesOf(pod: KubernetesObject, workload: ObjectRef): PodTimes {
  const statuses = arrayOf(at(pod, 'status', 'containerStatuses')).filter(isObject);
  const node = stringOf(at(pod, 'spec', 'nodeName'));
  const times = {
    created: pod.metadata.creationTimestamp,
    scheduled: sinceTrue(pod, 'PodScheduled'),
    started: lastStart(pod, statuses),
    ready: sinceTrue(pod, 'Ready'),
  };
  return {
    workload,
    name: pod.metadata.name ?? '',
    ...(node === undefined ? {} : { node }),
    ...known(times),
    restarts: statuses.reduce((sum, { restartCount }) => sum + numberOf(restartCount, 0), 0),
  };
}

type Times = Pick<PodTimes, 'created' | 'scheduled' | 'started' | 'ready'>;

function known(times: { readonly [name in keyof Times]-?: string | undefined }): Times {
  return Object.fromEntries(Object.entries(times).filter(([, time]) => timeMs(time) !== undefined));
}

/** Since when a condition of a pod is true. */
function sinceTrue(pod: KubernetesObject, type: string): string | undefined {
  const condition = arrayOf(at(pod, 'status', 'conditions'))
    .filter(isObject)
    .find((one) => one.type === type && one.status === 'True');
  return stringOf(condition?.lastTransitionTime);
}

/** Undefined as long as one of its containers has never begun. */
function lastStart(pod: KubernetesObject, statuses: readonly unknown[]): string | undefined {
  const starts = statuses.map(
    (status) =>
      stringOf(at(status, 'state', 'running', 'startedAt')) ??
      stringOf(at(status, 'state', 'terminated', 'startedAt')) ??
      stringOf(at(status, 'lastState', 'terminated', 'startedAt')),
  );
  const begun = starts.flatMap((start) => start ?? []);
  const isWhole = begun.length > 0 && begun.length >= arrayOf(at(pod, 'spec', 'containers')).length;
  return isWhole
    ? begun.reduce((last, start) => ((timeMs(start) ?? 0) > (timeMs(last) ?? 0) ? start : last))
    : undefined;
}
