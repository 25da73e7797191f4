import { arrayOf, at, isObject, stringOf, textOf } from '../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../model/object.ts';
import type { Moment, Problem, Readiness } from '../model/readiness.ts';
import type { World } from '../model/world.ts';
import { type Kind, related, unready } from './kind.ts';

/** A Deployment is applied after its Service, and its controller needs a moment: no pods is no news before. */
const patienceMs = 30_000;

/** The pods that a Service's selector matches, those that are being deleted left out. */
export function selectedPods(service: KubernetesObject, world: World): readonly KubernetesObject[] {
  return world
    .list('Pod')
    .filter(({ metadata }) => metadata.namespace === service.metadata.namespace)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(({ metadata }) => isSelected(service, metadata.labels));
}

/** The selector of a Service as pairs; empty where it has none. */
export function selectorOf(service: KubernetesObject): readonly (readonly [string, string])[] {
  const selector = at(service, 'spec', 'selector');
  return isObject(selector) ? Object.entries(selector).map(([key, value]) => [key, textOf(value)]) : [];
}

/** How many endpoints of a Service take traffic, over all its EndpointSlices. */
export function readyEndpoints(service: KubernetesObject, world: World): number {
  const { name, namespace } = service.metadata;
  return world
    .list('EndpointSlice')
    .filter(({ metadata }) => metadata.namespace === namespace)
    .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap((slice) => arrayOf(slice.endpoints))
    .filter((endpoint) => at(endpoint, 'conditions', 'ready') !== false).length;
}

/** Ready: a ready endpoint where it has a selector, and an address where it asks for a load balancer. */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  if (at(live, 'spec', 'type') === 'ExternalName') return { state: 'ready', why: 'it only names another host' };
  if (selectorOf(live).length === 0)
    return { state: 'ready', why: 'it has no selector: its endpoints are made by others' };
  if (readyEndpoints(live, world) === 0) {
    const stopped = stoppedWorkload(live, world);
    if (stopped !== undefined) return { state: 'ready', why: `no endpoint: ${stopped} has zero replicas` };
    return unready('no ready endpoint', hasPods(live, world) ? [] : [noPods(live, world, moment)]);
  }
  const wantsBalancer = at(live, 'spec', 'type') === 'LoadBalancer';
  if (wantsBalancer && arrayOf(at(live, 'status', 'loadBalancer', 'ingress')).length === 0) {
    return unready('no load balancer address yet', []);
  }
  return { state: 'ready' };
}

/**
 * Whether its selector is right: it selects pods, be it such as still serve their last connections, or a workload whose
 * pods are just being replaced. How these fare is the workload's own matter.
 */
function hasPods(service: KubernetesObject, world: World): boolean {
  const pods = world.list('Pod').filter(({ metadata }) => metadata.namespace === service.metadata.namespace);
  return (
    pods.some(({ metadata }) => isSelected(service, metadata.labels)) || selectedWorkloads(service, world).length > 0
  );
}

/** Whether a Service selects pods with these labels; one without a selector selects none. */
export function selects(service: KubernetesObject, labels: unknown): boolean {
  return selectorOf(service).length > 0 && isSelected(service, labels);
}

function isSelected(service: KubernetesObject, labels: unknown): boolean {
  return selectorOf(service).every(([key, value]) => isObject(labels) && labels[key] === value);
}

/** The workloads whose pods the Service selects, of those that the deploy knows. */
function selectedWorkloads(service: KubernetesObject, world: World): readonly KubernetesObject[] {
  return ['Deployment', 'StatefulSet', 'DaemonSet']
    .flatMap((kind) => world.list(kind))
    .filter(({ metadata }) => metadata.namespace === service.metadata.namespace)
    .filter((workload) => isSelected(service, at(workload, 'spec', 'template', 'metadata', 'labels')));
}

/** A workload without replicas whose pods the Service would select. */
function stoppedWorkload(service: KubernetesObject, world: World): string | undefined {
  const stopped = selectedWorkloads(service, world).find((workload) => at(workload, 'spec', 'replicas') === 0);
  return stopped === undefined ? undefined : formatRef(refOf(stopped));
}

function noPods(service: KubernetesObject, world: World, moment: Moment): Problem {
  const selector = selectorOf(service)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
  return {
    id: 'service/no-pods',
    cause: `no pod has the labels that it selects: ${selector}`,
    fix: 'Correct the selector, or the labels of the pod template.',
    evidence: [`pods of the namespace have: ${labelsThere(service, world)}`],
    certain: world.nowMs - moment.sinceMs >= patienceMs,
  };
}

/** The values that pods have for the keys of a selector: the typo shows. */
function labelsThere(service: KubernetesObject, world: World): string {
  const keys = selectorOf(service).map(([key]) => key);
  const pods = world.list('Pod').filter(({ metadata }) => metadata.namespace === service.metadata.namespace);
  const seen = new Set(
    pods.map(({ metadata }) => keys.map((key) => `${key}=${stringOf(metadata.labels?.[key]) ?? '(none)'}`).join(', ')),
  );
  return seen.size === 0 ? 'there are none' : [...seen].slice(0, 6).join('; ');
}

export const service: Kind = {
  group: '',
  kind: 'Service',
  namespaced: true,
  wave: 3,
  related: [related.endpointSlice, related.pod],
  assess,
};
