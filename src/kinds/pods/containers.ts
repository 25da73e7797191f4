import { arrayOf, at, isObject, type JsonObject, numberOf, objectOf, stringOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import type { ContainerRef, Moment } from '../../model/readiness.ts';
import { timeMs } from '../../model/world.ts';

/** The end of one run of a container. */
export interface Ended {
  readonly exitCode: number;
  /** `Error`, `Completed`, `OOMKilled`, `StartError`. */
  readonly reason: string;
  readonly message: string;
  /** Tells runs apart. */
  readonly run: string;
  readonly finishedMs: number | undefined;
}

/** One container of a live pod: what it should be, and what the kubelet says of it. */
export interface Container {
  readonly pod: KubernetesObject;
  readonly name: string;
  readonly kind: 'container' | 'init container';
  readonly spec: JsonObject;
  readonly image: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  /** When its present run began; undefined where it doesn't run. */
  readonly runningSinceMs: number | undefined;
  /** The run that ended last: of the state itself, else of lastState. */
  readonly ended: Ended | undefined;
  /** The run before `ended`, where the kubelet still has both. */
  readonly endedBefore: Ended | undefined;
}

/** The containers of a pod, init containers first, as far as the kubelet has reported them. */
export function containersOf(pod: KubernetesObject): readonly Container[] {
  return [
    ...read(pod, 'initContainers', 'initContainerStatuses', 'init container'),
    ...read(pod, 'containers', 'containerStatuses', 'container'),
  ];
}

function read(pod: KubernetesObject, specs: string, statuses: string, kind: Container['kind']): readonly Container[] {
  const byName = new Map(arrayOf(at(pod, 'spec', specs)).map((spec) => [objectOf(spec).name, objectOf(spec)]));
  return arrayOf(at(pod, 'status', statuses))
    .filter(isObject)
    .map((status) => {
      const waiting = at(status, 'state', 'waiting');
      const [ended, endedBefore] = [
        endedOf(at(status, 'state', 'terminated')),
        endedOf(at(status, 'lastState', 'terminated')),
      ].filter((run) => run !== undefined);
      const spec = byName.get(status.name) ?? {};
      return {
        pod,
        kind,
        spec,
        name: stringOf(status.name) ?? '',
        image: stringOf(spec.image) ?? stringOf(status.image) ?? '',
        ready: status.ready === true,
        restarts: numberOf(status.restartCount, 0),
        waiting: isObject(waiting)
          ? { reason: stringOf(waiting.reason) ?? '', message: stringOf(waiting.message) ?? '' }
          : undefined,
        runningSinceMs: timeMs(at(status, 'state', 'running', 'startedAt')),
        ended,
        endedBefore,
      };
    });
}

function endedOf(terminated: unknown): Ended | undefined {
  if (!isObject(terminated)) return undefined;
  const finished = stringOf(terminated.finishedAt) ?? '';
  return {
    exitCode: numberOf(terminated.exitCode, 0),
    reason: stringOf(terminated.reason) ?? '',
    message: stringOf(terminated.message) ?? '',
    run: `${stringOf(terminated.startedAt) ?? ''} ${finished}`,
    finishedMs: timeMs(finished),
  };
}

/**
 * True for an object that was there before the wait. What it went through until then proves nothing: the cause may have
 * been mended outside, and what is in a back-off hasn't tried again yet.
 */
export function isOlderThanWait({ metadata }: KubernetesObject, { sinceMs }: Moment): boolean {
  const createdMs = timeMs(metadata.creationTimestamp);
  // The API's times are cut to whole seconds.
  return createdMs !== undefined && createdMs < Math.floor(sinceMs / 1000) * 1000;
}

/** The container, for whom its log may tell more. */
export function logRefOf({ pod, name }: Container): ContainerRef {
  return { pod: refOf(pod), container: name };
}

/** `pod api-7f9d-2mx4t, init container migrate`: the beginning of each proof. */
export function placeOf({ pod, name, kind }: Container): string {
  return `pod ${pod.metadata.name ?? ''}, ${kind} ${name}`;
}

/** Identifies a container of one pod instance: what sightings are counted for. */
export function keyOf({ pod, name }: Container, signal: string): string {
  return `${pod.metadata.uid ?? ''}/${name}/${signal}`;
}

const longest = 400;

/** A message of the kubelet on one line, cut where it goes on for ever. */
export function quote(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest)}...` : line;
}
