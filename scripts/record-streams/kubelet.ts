import { arrayOf, at, type JsonObject } from '../../src/model/json.ts';
import type { KubernetesObject } from '../../src/model/object.ts';
import { image, name } from './objects.ts';
import { hasCondition, type Stage } from './stage.ts';

/** The one pod of the namespace that nobody plays (behaviour `manual`), as soon as it has a node. */
export async function untilPlaced(stage: Stage): Promise<KubernetesObject> {
  const [pod] = await stage.untilPods((pods) => pods.some((one) => hasCondition(one, 'PodScheduled')));
  if (pod === undefined) throw new Error('The Deployment has no pod.');
  return pod;
}

/** The status of a pod whose container waits for a reason. */
export function waits(pod: KubernetesObject, reason: string, message: string, now: string): JsonObject {
  return podStatus(pod, 'Pending', { ready: false, state: { waiting: { reason, message } } }, now);
}

/** The status of a pod whose container runs and is ready. */
export function runs(pod: KubernetesObject, now: string): JsonObject {
  return podStatus(pod, 'Running', { ready: true, state: { running: { startedAt: now } } }, now);
}

/** What the kubelet would write of a pod with one container. The scheduler's condition stays. */
function podStatus(
  pod: KubernetesObject,
  phase: string,
  { ready, state }: { readonly ready: boolean; readonly state: JsonObject },
  now: string,
): JsonObject {
  const known = arrayOf(at(pod, 'status', 'conditions'));
  const status = ready ? 'True' : 'False';
  const own = ['ContainersReady', 'Ready'].map((type) => ({ type, status, lastTransitionTime: now }));
  return {
    phase,
    conditions: [...known.filter((one) => at(one, 'type') === 'PodScheduled'), ...own],
    containerStatuses: [{ name, image, imageID: '', ready, restartCount: 0, state }],
  };
}
