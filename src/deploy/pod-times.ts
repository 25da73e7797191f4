import type { DeployEvent } from '../events.ts';
import { podsOf } from '../kinds/index.ts';
import type { Manifest } from '../model/manifest.ts';
import { type PodTimes, podTimesOf } from '../model/timeline.ts';
import type { World } from '../model/world.ts';

/** The event that tells the times of the pods of these workloads, as they were seen last; undefined where there are none. */
export function podsEvent(manifests: readonly Manifest[], world: World): DeployEvent | undefined {
  const pods = manifests.flatMap(({ ref }): readonly PodTimes[] => {
    const live = world.get(ref);
    return live === undefined ? [] : podsOf(live, world).map((pod) => podTimesOf(pod, ref));
  });
  return pods.length === 0 ? undefined : { type: 'pods', seen: new Date(world.nowMs).toISOString(), pods };
}
