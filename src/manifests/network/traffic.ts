import { backendsOf } from '../../kinds/ingress.ts';
import { selects } from '../../kinds/service.ts';
import { arrayOf, at, numberOf, objectOf, textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';
import { podLabelsOf } from '../pod-template.ts';
import { type Call, callsIn, distinct, type PodPort, podPortsOf } from './calls.ts';
import { textsRead } from './texts-read.ts';

/** What the pods of a workload ask, as far as the manifests tell. */
export interface Traffic {
  readonly workload: Manifest;
  /** Services of its own namespace. */
  readonly calls: readonly Call[];
}

/** A Service that is reached from outside of the cluster, and the ports of its pods. */
export interface Exposure {
  readonly service: Manifest;
  readonly ports: readonly PodPort[];
}

/** Who asks whom in a namespace, read from what pods are told. */
export function trafficOf(
  workloads: readonly Manifest[],
  manifests: readonly Manifest[],
  namespace: string,
): readonly Traffic[] {
  const services = servicesIn(manifests, namespace);
  return workloads.map((workload) => {
    const texts = textsRead(workload, manifests);
    const others = services.filter(({ body }) => !selects(body, podLabelsOf(workload.body)));
    return { workload, calls: callsIn(texts, others, workloads) };
  });
}

/** The Services behind Ingresses, and those with a load balancer of their own. */
export function exposuresOf(
  workloads: readonly Manifest[],
  manifests: readonly Manifest[],
  namespace: string,
): readonly Exposure[] {
  const backends = manifests
    .filter(({ ref }) => ref.kind === 'Ingress' && groupOf(ref.apiVersion) === 'networking.k8s.io')
    .filter(({ ref }) => ref.namespace === namespace)
    .flatMap(({ body }) => backendsOf(body));
  return servicesIn(manifests, namespace).flatMap((service) => {
    const named = backends.filter((one) => one.service === service.ref.name);
    const isBalanced = at(service.body, 'spec', 'type') === 'LoadBalancer';
    if (named.length === 0 && !isBalanced) return [];
    const asked = named.flatMap(({ port }) => portsCalled(service, port));
    const ports = podPortsOf(service, workloads, isBalanced ? undefined : asked);
    return ports.length === 0 ? [] : [{ service, ports: distinct(ports) }];
  });
}

/** The Services of a namespace. */
export function servicesIn(manifests: readonly Manifest[], namespace: string): readonly Manifest[] {
  return manifests.filter(
    ({ ref }) => ref.kind === 'Service' && ref.apiVersion === 'v1' && ref.namespace === namespace,
  );
}

/** The numbers of the ports of a Service that a backend calls by name or number. */
function portsCalled({ body }: Manifest, called: string): readonly number[] {
  const ports = arrayOf(at(body, 'spec', 'ports')).map(objectOf);
  return ports
    .filter(({ name, port }) => name === called || textOf(port) === called)
    .map(({ port }) => numberOf(port, 0));
}
