import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';

/** The waves by number: what is applied together. An annotation `oms-deploy.io/wave` moves one object. */
export const waveNames = ['namespace', 'foundation', 'config', 'services', 'workloads', 'scaling', 'edge'] as const;

export type WaveNumber = 0 | 1 | 2 | 3 | 4 | 5 | 6;

/** The controller hasn't looked at the newest generation yet: whatever else status says is of an older one. */
export const notObserved = {
  state: 'progressing',
  why: 'the controller has not seen the change yet',
} as const satisfies Readiness;

/** How many replicas a workload wants, has updated and has ready. */
export interface ReplicaCount {
  readonly desired: number;
  readonly updated: number;
  readonly ready: number;
}

/** What the product knows of one kind. A file each; the list is in kinds/index.ts. */
export interface Kind {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly wave: WaveNumber;
  /** For workloads only: judges a live object. Pure: no clock, no network. */
  readonly assess?: (live: KubernetesObject) => Readiness;
  /** For workloads only: what the progress display counts. */
  readonly count?: (live: KubernetesObject) => ReplicaCount;
  /** Whether pods of this kind are replaced when its template changes: only then a config hash makes sense. */
  readonly restartsOnTemplateChange?: boolean;
}
