import { arrayOf, at, isObject, type JsonObject, numberOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { ReplicaCount } from '../model/readiness.ts';

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

/** A condition of an object's status, by type. */
export function conditionOf(live: KubernetesObject, type: string): JsonObject | undefined {
  return arrayOf(at(live, 'status', 'conditions'))
    .filter(isObject)
    .find((condition) => condition.type === type);
}

/** True if the condition is there and `True`. */
export function isTrue(live: KubernetesObject, type: string): boolean {
  return conditionOf(live, type)?.status === 'True';
}
