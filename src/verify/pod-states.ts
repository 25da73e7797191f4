import { podsOf } from '../kinds/index.ts';
import { type Container, containersOf, placeOf, quote } from '../kinds/pods/containers.ts';
import { isAlive } from '../kinds/pods/index.ts';
import { probeOf, questionOf } from '../kinds/pods/probes.ts';
import { isTrue } from '../kinds/replicas.ts';
import { formatSpan } from '../model/age.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { World } from '../model/world.ts';

/** What the containers of its unready pods are at: no problem yet, and still what the reader wants to know. */
export function podStates(live: KubernetesObject, world: World): readonly string[] {
  return unreadyContainers(live, world).map((container) => {
    const { waiting, runningSinceMs } = container;
    const running = `runs for ${formatSpan(world.nowMs - (runningSinceMs ?? world.nowMs))} and is not ready`;
    const probe = waiting === undefined ? probeOf(container) : undefined;
    const asked = probe === undefined ? '' : `; its ${probe.name} probe: ${questionOf(probe.spec)}`;
    const state = waiting === undefined ? running : `${waiting.reason}: ${quote(waiting.message)}`;
    return `${placeOf(container)}: ${state}${asked}`;
  });
}

/** The probe that keeps a pod of this workload from being ready, of the first container that runs and isn't. */
export function heldBy(live: KubernetesObject, world: World): HoldingProbe | undefined {
  return unreadyContainers(live, world)
    .filter(({ runningSinceMs }) => runningSinceMs !== undefined)
    .flatMap((container) => probeOf(container) ?? [])
    .map(({ name, spec }) => ({ name, asks: questionOf(spec) }))[0];
}

/** A probe that a running container hasn't passed. */
export interface HoldingProbe {
  readonly name: 'startup' | 'readiness';
  /** `GET /ready on port http`, `the command cat /tmp/ready`. */
  readonly asks: string;
}

function unreadyContainers(live: KubernetesObject, world: World): readonly Container[] {
  return podsOf(live, world)
    .filter((pod) => isAlive(pod) && !isTrue(pod, 'Ready'))
    .flatMap(containersOf)
    .filter(({ ready }) => !ready);
}
