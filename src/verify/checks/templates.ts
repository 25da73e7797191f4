import { podsOf } from '../../kinds/index.ts';
import { isAlive } from '../../kinds/pods/index.ts';
import { type KubernetesObject, type ObjectRef, refOf } from '../../model/object.ts';
import { type Facts, liveWorkloads } from '../facts.ts';

/** The living pods of a workload's newest revision. */
export function livePods(workload: KubernetesObject, { world }: Pick<Facts, 'world'>): readonly KubernetesObject[] {
  return podsOf(workload, world).filter(isAlive);
}

/** A pod of the application, and the workload it belongs to. */
export interface OwnedPod {
  readonly pod: KubernetesObject;
  readonly workload: KubernetesObject;
  readonly ref: ObjectRef;
}

/** Every living pod of the application. */
export function ownPods(facts: Facts): readonly OwnedPod[] {
  return liveWorkloads(facts).flatMap((workload) =>
    livePods(workload, facts).map((pod) => ({ pod, workload, ref: refOf(workload) })),
  );
}

/** The command that restarts a workload's pods. */
export function restartHint({ kind, metadata }: KubernetesObject): string {
  return `oms-deploy rollout restart ${kind.toLowerCase()}/${metadata.name ?? ''}`;
}
