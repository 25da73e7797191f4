import { kindOf } from '../kinds/index.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import type { World } from '../model/world.ts';

/** The kinds that run pods and that an application is made of. */
export const workloadKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'] as const;

/** How an object is now: judged without a memory of earlier looks, and without a soak. */
export function assessNow(live: KubernetesObject, world: World): Readiness {
  const moment = { sinceMs: 0, isChanged: false, sightings: new Map(), soakMs: 0 };
  return kindOf(live)?.assess?.(live, world, moment) ?? { state: 'ready' };
}
