import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { Scope } from '../cluster/lists.ts';
import { followWorld } from '../cluster/live-world.ts';
import { readScopes } from '../cluster/read-world.ts';
import type { Host } from '../events.ts';
import type { ApplicationStatus } from '../model/status.ts';
import { worldOf } from '../model/world.ts';
import { requireReadable } from './home.ts';
import { type Place, statusKinds, statusOf } from './status.ts';

/**
 * The status now: one list a kind.
 *
 * @throws DeployError `refused` where workloads or pods may not be listed.
 */
export async function readStatus(place: Place, cluster: Cluster, signal: AbortSignal): Promise<ApplicationStatus> {
  const { namespace, elsewhere = [] } = place;
  const [home, beside] = await Promise.all([
    readScopes(cluster, scopesIn([namespace]), signal),
    readScopes(cluster, scopesIn(elsewhere), signal),
  ]);
  requireReadable(home.unread, namespace);
  const unread = new Set([...home.unread.keys(), ...beside.unread.keys()]);
  const world = worldOf([...home.objects, ...beside.objects], cluster.now(), new Set(home.unread.keys()));
  return { ...statusOf(world, place), unread: [...unread] };
}

function scopesIn(namespaces: readonly string[]): readonly (Scope & { readonly namespace: string })[] {
  return namespaces.flatMap((namespace) => statusKinds.map((kind) => ({ ...kind, namespace })));
}

/** Changes come in swarms: one screen for all of a moment. */
const pauseMs = 300;

/** Emits the status at once and whenever it changes, ages aside, until the signal fires. */
export async function watchStatus(place: Place, cluster: Cluster, host: Host, signal: AbortSignal): Promise<void> {
  let isDirty = false;
  let shown = '';
  const { namespace, elsewhere = [] } = place;
  const scopes = scopesIn([namespace, ...elsewhere]).map((scope) => ({
    ...scope,
    needed: scope.kind === 'Pod' && scope.namespace === namespace,
  }));
  const events = {
    changed: () => {
      isDirty = true;
    },
    trouble: () => undefined,
  };
  const live = followWorld(cluster, scopes, events, signal);
  const broken = live.ended.then(() => 'ended' as const);
  await Promise.race([live.listed, broken]);
  while (!signal.aborted) {
    if (isDirty) {
      isDirty = false;
      const status = statusOf(live.world(), place);
      const workloads = status.workloads.map((row) => ({ ...row, ageMs: 0 }));
      const now = JSON.stringify({ ...status, workloads });
      if (now !== shown) host.emit({ type: 'status', status });
      shown = now;
    }
    await Promise.race([delay(pauseMs, undefined, { signal }).catch(() => undefined), broken]);
  }
  await live.ended;
}
