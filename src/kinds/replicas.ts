import { at, numberOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { ReplicaCount } from './kind.ts';

/** The counts of kinds with `spec.replicas`, which the API server sets to 1 where a manifest leaves it out. */
export function countReplicas(live: KubernetesObject): ReplicaCount {
  return {
    desired: numberOf(at(live, 'spec', 'replicas'), 1),
    updated: numberOf(at(live, 'status', 'updatedReplicas'), 0),
    ready: numberOf(at(live, 'status', 'readyReplicas'), 0),
  };
}

/** Whether the controller has looked at the newest generation. */
export function isObserved(live: KubernetesObject): boolean {
  return numberOf(at(live, 'status', 'observedGeneration'), 0) >= numberOf(live.metadata.generation, 0);
}
