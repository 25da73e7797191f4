import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import type { Moment, Problem, Readiness, ReplicaCount } from '../model/readiness.ts';
import type { World } from '../model/world.ts';

/** The waves by number: what is applied together. An annotation `oms-deploy.io/wave` moves one object. */
export const waveNames = ['namespace', 'foundation', 'config', 'services', 'workloads', 'scaling', 'edge'] as const;

export type WaveNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** The controller hasn't looked at the newest generation yet: whatever else status says is of an older one. */
export const notObserved = {
  state: 'progressing',
  why: 'the controller has not seen the change yet',
} as const satisfies Readiness;

/** A kind that a rule reads beside its own. */
export type RelatedKind = Pick<ObjectRef, 'apiVersion' | 'kind'>;

export const related = {
  pod: { apiVersion: 'v1', kind: 'Pod' },
  event: { apiVersion: 'v1', kind: 'Event' },
  replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  controllerRevision: { apiVersion: 'apps/v1', kind: 'ControllerRevision' },
  endpointSlice: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  ingressClass: { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass' },
  storageClass: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' },
} as const satisfies Readonly<Record<string, RelatedKind>>;

/** What the product knows of one kind. A file each; the list is in kinds/index.ts. */
export interface Kind {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly wave: WaveNumber;
  /** Judges a live object by what is known of it and its related objects. Pure: no clock, no network. */
  readonly assess?: (live: KubernetesObject, world: World, moment: Moment) => Readiness;
  /** The kinds that `assess` looks up in the world. */
  readonly related?: readonly RelatedKind[];
  /** For workloads only: the pods of the newest revision, the only ones that are judged. */
  readonly pods?: (live: KubernetesObject, world: World) => readonly KubernetesObject[];
  /** For workloads only: what the progress display counts. */
  readonly count?: (live: KubernetesObject) => ReplicaCount;
  /** Whether pods of this kind are replaced when its template changes: only then a config hash makes sense. */
  readonly restartsOnTemplateChange?: boolean;
}

/** Failed if one of the problems is certain, else progressing, with the first problem as what it waits for. */
export function unready(why: string, problems: readonly Problem[]): Readiness {
  const certain = problems.filter((problem) => problem.certain);
  if (certain.length > 0) return { state: 'failed', why: certain[0]?.cause ?? why, problems: certain };
  const [first] = problems;
  return { state: 'progressing', why: first === undefined ? why : `${why}: ${first.cause}`, problems };
}
