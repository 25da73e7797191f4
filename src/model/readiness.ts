import type { ObjectRef } from './object.ts';

/** One root cause that keeps an object from getting ready, as far as it shows in one place: a container, a pod, an object. */
export interface Problem {
  /** Stable and greppable: `image/not-found`. It becomes the finding's id. */
  readonly id: string;
  /** What is wrong, as a clause without a subject that names pods: the same cause reads the same everywhere. */
  readonly cause: string;
  /** What else tells two causes of one id apart; by default the cause itself. */
  readonly subject?: string;
  /** The cause without what differs from place to place, such as counts: several that share it are one, told by this. */
  readonly general?: string;
  /** What to do, starting with a verb. */
  readonly fix: string;
  /** What proves it: container state, exit code, event with its age. */
  readonly evidence: readonly string[];
  /** Waiting longer can't help. */
  readonly certain: boolean;
  /** Whose log has the last words, where a log can tell more. */
  readonly container?: ContainerRef;
  /** What of the pod template it is about, for the line of the manifest. */
  readonly about?: TemplatePart;
}

/** A field of a container (`image`, `resources.limits.memory`; the container itself where it is empty), or what it reads. */
export type TemplatePart =
  | { readonly container: string; readonly field: string }
  | { readonly kind: 'ConfigMap' | 'Secret'; readonly name: string; readonly key?: string };

/** One container of a live pod. */
export interface ContainerRef {
  readonly pod: ObjectRef;
  readonly container: string;
}

/**
 * What a kind's rule says of one live object. `failed` is certain: waiting longer can't help. Problems of an object
 * that progresses are what it may be waiting for; of one that is ready, warnings.
 */
export type Readiness =
  | { readonly state: 'ready'; readonly why?: string; readonly problems?: readonly Problem[] }
  | { readonly state: 'progressing'; readonly why: string; readonly problems?: readonly Problem[] }
  | { readonly state: 'failed'; readonly why: string; readonly problems: readonly Problem[] };

/** How many replicas a workload wants, has updated and has ready. */
export interface ReplicaCount {
  readonly desired: number;
  readonly updated: number;
  readonly ready: number;
}

/** `2/3`. During a rollout more may be ready than are wanted, old ones among them: that is no news. */
export function formatReady({ ready, desired }: Pick<ReplicaCount, 'ready' | 'desired'>): string {
  return `${Math.min(ready, desired)}/${desired}`;
}

/** What the cluster has said last of an object or its pods, as an Event. */
export interface LastEvent {
  readonly reason: string;
  readonly message: string;
}

/** What has been seen of one signal so far: a rule may ask for two sightings, or for some time. */
export interface Sighting {
  readonly firstMs: number;
  /** Distinct occurrences: one per container run, per pull attempt. */
  readonly occurrences: readonly string[];
}

/** The signals seen during one wait, by key. */
export type Sightings = ReadonlyMap<string, Sighting>;

/** From when on, with which memory and how patiently an object is judged: all that is not in the world itself. */
export interface Moment {
  /** When the object was applied, on the API server's clock: what conditions said before counts for nothing. */
  readonly sinceMs: number;
  /** The deploy has just written it: what a status without generations says may be of what it was before. */
  readonly isChanged: boolean;
  readonly sightings: Sightings;
  /** How long pods must stay as they are before they count as ready. Without it: 10 s where nothing probes them. */
  readonly soakMs?: number;
  /** Restarts of a container that are no failure. Without it: see kinds/pods/crash.ts. */
  readonly tolerateRestarts?: number;
}
