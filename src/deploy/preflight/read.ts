import { reviewAccess } from '../../cluster/access.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import type { Scope } from '../../cluster/lists.ts';
import { readScopes } from '../../cluster/read-world.ts';
import { type KubernetesObject, refKey, refOf } from '../../model/object.ts';
import { distinctRights, formatRight } from '../../model/right.ts';
import { type World, worldOf } from '../../model/world.ts';
import { keyRef, leaseRef } from '../../releases/place.ts';
import { metricsService, readsResources } from '../../verify/checks/metrics-api.ts';
import { namespaceAsked, webhookConfigurations, webhooksAsked } from '../../verify/checks/webhooks.ts';
import type { Ahead, Facts } from '../../verify/facts.ts';
import { needsOf } from './needs.ts';
import { changedKeys, replacedKeys, type Upcoming } from './upcoming.ts';

type Wants = (check: string) => boolean;

/**
 * Reads what the wanted checks of a preflight judge, and no more: at once what the plan alone decides, then what depends
 * on that.
 */
export async function readFacts(
  upcoming: Upcoming,
  wants: Wants,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Facts> {
  const { application, namespace } = upcoming.place;
  const [first, rights] = await Promise.all([
    readScopes(cluster, firstScopes(upcoming, wants), signal),
    wants('access/rights') ? readRights(upcoming, cluster, signal) : { missing: [], asked: 0 },
  ]);
  const base = { application, namespace, declared: upcoming.manifests, ahead: aheadOf(upcoming, rights, cluster) };
  const live = [...first.objects, ...(upcoming.facts.home === undefined ? [] : [upcoming.facts.home])];
  const known = worldWith(live, upcoming, cluster);
  const asked = wants('webhooks/endpoints') ? webhooksAsked({ ...base, world: known }) : [];
  const places = [...new Set(asked.flatMap(({ webhook }) => namespaceAsked(webhook)))];
  const [slices, counted] = await Promise.all([
    Promise.all(places.map((name) => readScopes(cluster, [endpointSlicesIn(name)], signal))),
    readScopes(cluster, known.list('ResourceQuota').length > 0 ? countedIn(namespace) : [], signal),
  ]);
  const unread = new Map([...first.unread, ...counted.unread]);
  // Without the pods and their defaults a quota can't be compared with anything.
  const [uncounted] = counted.unread.values();
  if (uncounted !== undefined) unread.set('ResourceQuota', uncounted);
  const all = [...live, ...slices.flatMap(({ objects }) => objects), ...counted.objects];
  return {
    ...base,
    world: worldWith(all, upcoming, cluster, unread),
    unread,
    endpointsOf: new Set(places.filter((_, index) => slices[index]?.unread.size === 0)),
    secretFlaws: [],
    pullTokens: [],
    answers: [],
    reaches: [],
    addresses: [],
    logs: [],
  };
}

function firstScopes({ manifests, place: { namespace }, facts }: Upcoming, wants: Wants): readonly Scope[] {
  const isThere = facts.namespaceState === 'exists';
  const scalers = manifests.filter(({ ref }) => ref.kind === 'HorizontalPodAutoscaler');
  const { apiVersion, kind, name } = metricsService;
  const networking = 'networking.k8s.io/v1';
  const wanted: readonly (readonly [isWanted: boolean, scope: Scope])[] = [
    [isThere && wants('quota/room'), { apiVersion: 'v1', kind: 'ResourceQuota', namespace }],
    [isThere && wants('network/default-deny'), { apiVersion: networking, kind: 'NetworkPolicy', namespace }],
    [wants('hpa/metrics-api') && scalers.some(({ body }) => readsResources(body)), { apiVersion, kind, name }],
    [
      wants('ingress/class') && manifests.some(({ ref }) => ref.kind === 'Ingress'),
      { apiVersion: networking, kind: 'IngressClass' },
    ],
    ...webhookConfigurations.map(
      (one) => [wants('webhooks/endpoints'), { apiVersion: 'admissionregistration.k8s.io/v1', kind: one }] as const,
    ),
  ];
  return wanted.flatMap(([isWanted, scope]) => (isWanted ? [scope] : []));
}

function countedIn(namespace: string): readonly Scope[] {
  return ['Pod', 'LimitRange'].map((kind) => ({ apiVersion: 'v1', kind, namespace }));
}

function endpointSlicesIn(namespace: string): Scope {
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace };
}

/** What the cluster has, with the plan's objects as they will be: what others say of them stays. */
function worldWith(
  objects: readonly KubernetesObject[],
  { manifests, live }: Upcoming,
  cluster: Cluster,
  unread: ReadonlyMap<string, string> = new Map(),
): World {
  const planned = manifests.map(({ ref, body }): KubernetesObject => {
    const { metadata, status } = live.get(refKey(ref)) ?? {};
    const labels = { ...metadata?.labels, ...body.metadata.labels };
    return {
      ...body,
      metadata: { ...metadata, ...body.metadata, labels },
      ...(status === undefined ? {} : { status }),
    };
  });
  const byKey = new Map([...objects, ...planned].map((object) => [refKey(refOf(object)), object]));
  return worldOf(byKey.values(), cluster.now(), new Set(unread.keys()));
}

function aheadOf(upcoming: Upcoming, rights: Ahead['rights'], cluster: Cluster): Ahead {
  const { place, lock, isFirst, live, facts } = upcoming;
  const { arn } = cluster.identity;
  return {
    version: facts.version,
    ...(arn === undefined ? {} : { who: arn }),
    rights,
    changed: changedKeys(upcoming),
    replaced: replacedKeys(upcoming),
    live,
    // The record of the release; with the first one the key of its secrets and the lock.
    bookkeeping: [
      keyRef(place),
      ...(isFirst ? [keyRef(place)] : []),
      ...(lock.version === undefined ? [leaseRef(place)] : []),
    ],
  };
}

async function readRights(upcoming: Upcoming, cluster: Cluster, signal: AbortSignal): Promise<Ahead['rights']> {
  const needs = needsOf(upcoming, await cluster.discovery(signal));
  const rights = distinctRights(needs.map(({ right }) => right));
  const needed = new Set(needs.filter(({ isNeeded }) => isNeeded).map(({ right }) => formatRight(right)));
  const { missing, unknown } = await reviewAccess(rights, upcoming.place.namespace, cluster, signal);
  return {
    missing: missing.map((right) => ({ right, needed: needed.has(formatRight(right)) })),
    asked: rights.length,
    ...(unknown === undefined ? {} : { unknown }),
  };
}
