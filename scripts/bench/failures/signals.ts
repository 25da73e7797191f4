import type { Cluster } from '../../../src/cluster/cluster.ts';
import { watchObjects } from '../../../src/cluster/watch-objects.ts';
import { arrayOf, at, type Json, numberOf, stringOf } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';

/** A container waits because its image was not found. */
export function imageIsNotFound(pod: KubernetesObject): boolean {
  return (
    isWaiting(pod, 'ErrImagePull', /not found|manifest unknown/i) || isWaiting(pod, 'ImagePullBackOff', /not found/i)
  );
}

/** A container waits because a Secret or ConfigMap lacks a key that it refers to. */
export function keyIsMissing(pod: KubernetesObject): boolean {
  return isWaiting(pod, 'CreateContainerConfigError', /couldn't find key/);
}

/** A container has ended for the second time. */
export function endedTwice(pod: KubernetesObject): boolean {
  return statusesOf(pod).some((status) => endsOf(status) >= 2);
}

/** A restart says that a run has ended; the present run has, too, where the container doesn't run any more. */
function endsOf(status: Json): number {
  const hasEnded = at(status, 'state', 'terminated') ?? at(status, 'lastState', 'terminated');
  const isDown = at(status, 'state', 'running') === undefined && hasEnded !== undefined;
  return numberOf(at(status, 'restartCount'), 0) + (isDown ? 1 : 0);
}

function isWaiting(pod: KubernetesObject, reason: string, message: RegExp): boolean {
  return statusesOf(pod).some((status) => {
    const waiting = at(status, 'state', 'waiting');
    return at(waiting, 'reason') === reason && message.test(stringOf(at(waiting, 'message')) ?? '');
  });
}

function statusesOf(pod: KubernetesObject): readonly Json[] {
  return arrayOf(at(pod, 'status', 'containerStatuses'));
}

/** Watches the pods of a namespace, and calls back at the first one that `isSignalled` knows. Ends with the signal. */
export async function watchForSignal(
  cluster: Cluster,
  namespace: string,
  isSignalled: (pod: KubernetesObject) => boolean,
  seen: () => void,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const look = (pod: KubernetesObject): void => {
    if (done.signal.aborted || !isSignalled(pod)) return;
    seen();
    done.abort();
  };
  const watcher = {
    listed: (pods: readonly KubernetesObject[]) => pods.forEach(look),
    changed: look,
    deleted: () => undefined,
    trouble: () => undefined,
  };
  const scope = { apiVersion: 'v1', kind: 'Pod', namespace };
  await watchObjects(cluster, scope, watcher, AbortSignal.any([signal, done.signal]));
}
