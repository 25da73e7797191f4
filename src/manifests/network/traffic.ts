import { arrayOf, at, isObject, type Json, numberOf, objectOf, stringOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';
import { type Call, callsIn, distinct, isBehind, type PodPort, podPortsOf } from './calls.ts';
import { outwardPorts } from './outward.ts';
import { textsRead } from './texts-read.ts';

/** What the pods of a workload ask, as far as the manifests tell. */
export interface Traffic {
  readonly workload: Manifest;
  /** Services of its own namespace. */
  readonly calls: readonly Call[];
  /** The TCP ports of hosts outside. */
  readonly outward: readonly number[];
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
    const others = services.filter(({ body }) => !isBehind(workload, body));
    return { workload, calls: callsIn(texts, others, workloads), outward: outwardPorts(texts) };
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
    .flatMap(({ body }) => backendsOf(body.spec));
  return servicesIn(manifests, namespace).flatMap((service) => {
    const named = backends.filter(({ name }) => name === service.ref.name);
    const isBalanced = at(service.body, 'spec', 'type') === 'LoadBalancer';
    if (named.length === 0 && !isBalanced) return [];
    const asked = named.map(({ port }) => (typeof port === 'string' ? portNamed(service, port) : numberOf(port, 0)));
    const ports = podPortsOf(service, workloads, isBalanced ? undefined : asked);
    return ports.length === 0 ? [] : [{ service, ports: distinct(ports) }];
  });
}

function servicesIn(manifests: readonly Manifest[], namespace: string): readonly Manifest[] {
  return manifests.filter(
    ({ ref }) => ref.kind === 'Service' && ref.apiVersion === 'v1' && ref.namespace === namespace,
  );
}

interface Backend {
  readonly name: string;
  /** A number, or the name of a port of the Service. */
  readonly port: Json | undefined;
}

function backendsOf(spec: unknown): readonly Backend[] {
  const paths = arrayOf(at(spec, 'rules')).flatMap((rule) => arrayOf(at(rule, 'http', 'paths')));
  const all = [at(spec, 'defaultBackend'), ...paths.map((path) => at(path, 'backend'))];
  return all.flatMap((backend) => {
    const service = at(backend, 'service');
    const name = stringOf(at(service, 'name'));
    const port = objectOf(at(service, 'port'));
    return !isObject(service) || name === undefined ? [] : [{ name, port: port.number ?? port.name }];
  });
}

function portNamed({ body }: Manifest, name: string): number {
  const found = arrayOf(at(body, 'spec', 'ports')).find((one) => at(one, 'name') === name);
  return numberOf(at(found, 'port'), 0);
}
