import { kindOf, podsOf } from '../kinds/index.ts';
import { addressesOf } from '../kinds/ingress.ts';
import { containersOf } from '../kinds/pods/containers.ts';
import { isAlive } from '../kinds/pods/index.ts';
import { readyEndpoints, selectorOf } from '../kinds/service.ts';
import { isPartOf, ownerOf } from '../manifests/stamp.ts';
import { arrayOf, at, numberOf, objectOf, stringOf, textOf } from '../model/json.ts';
import { type KubernetesObject, refOf } from '../model/object.ts';
import type { ApplicationStatus, ScalerStatus, ServiceStatus, WorkloadStatus } from '../model/status.ts';
import { timeMs, type World } from '../model/world.ts';
import { assessNow, workloadKinds } from './assess-now.ts';
import { olderImages, shownImages } from './pod-images.ts';

/** The kinds that a status reads. */
export const statusKinds = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet' },
  { apiVersion: 'apps/v1', kind: 'DaemonSet' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'ControllerRevision' },
  { apiVersion: 'batch/v1', kind: 'Job' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Event' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
] as const;

/** Where a status looks; without an application at all that oms-deploy has deployed there. */
export interface Place {
  readonly application?: string;
  /** Then: the application of the releases that are recorded there. */
  readonly recorded?: string;
  readonly cluster: string;
  readonly namespace: string;
  /** Other namespaces in which the application has objects. */
  readonly elsewhere?: readonly string[];
}

/** The status of an application in its namespace, from what is live. Pure. */
export function statusOf(world: World, where: Place): ApplicationStatus {
  const { elsewhere: _, recorded = '', ...place } = where;
  const isOurs = (object: KubernetesObject): boolean => isPartOf(object, place.application);
  const byName = (a: KubernetesObject, b: KubernetesObject): number =>
    (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
  const ours = (kind: string): readonly KubernetesObject[] => world.list(kind).filter(isOurs).toSorted(byName);
  const all = workloadKinds.flatMap((kind) => world.list(kind));
  return {
    ...place,
    application: place.application ?? (applicationsIn(all).join(', ') || recorded),
    workloads: workloadKinds.flatMap(ours).map((live) => workloadStatus(live, world)),
    services: ours('Service').map((live) => serviceStatus(live, world)),
    scalers: ours('HorizontalPodAutoscaler').map(scalerStatus),
    addresses: ours('Ingress').flatMap(addressesOf),
    others: all.filter((live) => live.metadata.namespace === place.namespace && !isOurs(live)).length,
  };
}

function applicationsIn(workloads: readonly KubernetesObject[]): readonly string[] {
  return [...new Set(workloads.flatMap((live) => ownerOf(live) ?? []))].sort();
}

function workloadStatus(live: KubernetesObject, world: World): WorkloadStatus {
  const readiness = assessNow(live, world);
  const containers = podsOf(live, world).filter(isAlive).flatMap(containersOf);
  return {
    object: refOf(live),
    state: readiness.state,
    ...(kindOf(live)?.count?.(live) ?? { desired: 0, updated: 0, ready: 0 }),
    restarts: containers.reduce((sum, { restarts }) => sum + restarts, 0),
    ageMs: world.nowMs - (timeMs(live.metadata.creationTimestamp) ?? world.nowMs),
    images: shownImages(live),
    olderImages: olderImages(live, world),
    why: readiness.why ?? '',
    isTroubled: readiness.state !== 'ready' && (readiness.problems ?? []).length > 0,
  };
}

function serviceStatus(live: KubernetesObject, world: World): ServiceStatus {
  const ports = arrayOf(at(live, 'spec', 'ports')).map((entry) => {
    const { port, targetPort } = objectOf(entry);
    return targetPort === undefined || targetPort === port ? textOf(port) : `${textOf(port)} -> ${textOf(targetPort)}`;
  });
  const headless = at(live, 'spec', 'clusterIP') === 'None' ? 'headless' : '';
  const detail =
    selectorOf(live).length === 0 ? 'no selector' : [ports.join(', '), headless].filter(Boolean).join(', ');
  return { object: refOf(live), readyEndpoints: readyEndpoints(live, world), detail };
}

function scalerStatus(live: KubernetesObject): ScalerStatus {
  const current = arrayOf(at(live, 'status', 'currentMetrics'));
  const figures = arrayOf(at(live, 'spec', 'metrics')).map((metric) => {
    const name = stringOf(at(metric, 'resource', 'name')) ?? stringOf(at(metric, 'type')) ?? '';
    const target = at(metric, 'resource', 'target', 'averageUtilization');
    const now = current.find((entry) => at(entry, 'resource', 'name') === name);
    const used = at(now, 'resource', 'current', 'averageUtilization');
    return `${name} ${used === undefined ? '?' : `${textOf(used)}%`}/${target === undefined ? '?' : `${textOf(target)}%`}`;
  });
  return {
    object: refOf(live),
    min: numberOf(at(live, 'spec', 'minReplicas'), 1),
    max: numberOf(at(live, 'spec', 'maxReplicas'), 0),
    current: numberOf(at(live, 'status', 'currentReplicas'), 0),
    figures,
  };
}
