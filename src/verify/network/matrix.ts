import { selects } from '../../kinds/service.ts';
import { declaredPorts, distinct, type PodPort, podPortsOf, protocolOf } from '../../manifests/network/calls.ts';
import { decide, type Peer, type PodPeer, typesOf } from '../../manifests/network/simulate.ts';
import { podLabelsOf } from '../../manifests/pod-template.ts';
import { arrayOf, at, isObject, type JsonObject, numberOf, objectOf, textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** What decides who reaches whom in a namespace. */
export interface Network {
  readonly namespace: string;
  readonly namespaceLabels: JsonObject;
  readonly policies: readonly KubernetesObject[];
  /** Deployments, StatefulSets, DaemonSets and CronJobs. */
  readonly workloads: readonly Manifest[];
  readonly services: readonly Manifest[];
}

/** Whether one may ask another on a port, and which policies say so. */
export interface NetworkCell {
  readonly from: string;
  readonly to: string;
  readonly protocol: string;
  readonly port: number;
  readonly isAllowed: boolean;
  /** Where it may not: at which end it is refused. */
  readonly deniedAt?: 'egress' | 'ingress';
  /** Names of policies. */
  readonly by: readonly string[];
}

interface Asked {
  readonly name: string;
  readonly peer: Peer;
  readonly ports: readonly PodPort[];
}

const tcp = (port: number): PodPort => ({ protocol: 'TCP', port });

/** An address of no network in particular (RFC 5737). */
const anyAddress = '203.0.113.10';
const everywhere = '0.0.0.0/0';

/** Who may ask whom: workloads each other, and what every namespace has around it, or its policies name. */
export function matrixOf(network: Network): readonly NetworkCell[] {
  const { policies } = network;
  const inside = network.workloads.map((workload) => insideOf(workload, network));
  const asking = [...inside, ...outsideAsking(network)];
  const pairs = [
    ...inside.flatMap((to) => asking.filter((from) => from !== to).map((from) => ({ from, to }))),
    ...outsideAsked(network).flatMap((to) => inside.map((from) => ({ from, to }))),
  ];
  return pairs.flatMap(({ from, to }) =>
    to.ports.map(({ protocol, port }) => {
      const { isAllowed, deniedAt, by } = decide(policies, { from: from.peer, to: to.peer, protocol, port });
      return {
        ...{ from: from.name, to: to.name, protocol, port, isAllowed },
        ...(deniedAt === undefined ? {} : { deniedAt }),
        by: [...new Set(by.map(({ metadata }) => metadata.name ?? ''))],
      };
    }),
  );
}

function insideOf(workload: Manifest, { namespace, namespaceLabels, services, workloads }: Network): Asked {
  const declared = declaredPorts(workload);
  const behind = services.filter(({ body }) => selects(body, podLabelsOf(workload.body)));
  const ports = distinct([
    ...declared.map(({ protocol, containerPort }) => ({
      protocol: protocolOf({ protocol }),
      port: numberOf(containerPort, 0),
    })),
    ...behind.flatMap((service) => podPortsOf(service, workloads)),
  ]);
  const named = declared.flatMap(({ name, containerPort }) =>
    typeof name === 'string' ? [[name, numberOf(containerPort, 0)] as const] : [],
  );
  const labels = podLabelsOf(workload.body);
  const { kind, name } = workload.ref;
  const isAlone = workloads.filter(({ ref }) => ref.name === name).length === 1;
  return {
    name: isAlone ? name : `${kind} ${name}`,
    peer: { kind: 'pod', namespace, namespaceLabels, labels, ports: new Map(named) },
    ports,
  };
}

function stranger(namespace: string, labels: JsonObject): PodPeer {
  const namespaceLabels = { 'kubernetes.io/metadata.name': namespace };
  return { kind: 'pod', namespace, namespaceLabels, labels, ports: new Map() };
}

function outsideAsking({ policies, namespace }: Network): readonly Asked[] {
  return [
    { name: 'a pod of another namespace', peer: stranger('elsewhere', {}), ports: [] },
    ...namespacesIn(policies, 'ingress')
      .filter((name) => name !== namespace)
      .map((name) => ({ name: `a pod of ${name}`, peer: stranger(name, {}), ports: [] })),
    ...blocksIn(policies, 'ingress').map(({ cidr }) => addressed(cidr, cidr, [])),
    addressed('any other address', anyAddress, []),
  ];
}

function outsideAsked({ policies, namespace }: Network): readonly Asked[] {
  const dns = stranger('kube-system', { 'k8s-app': 'kube-dns' });
  // Those that have a row of their own.
  const known = new Set(['169.254.169.254/32', '169.254.170.23/32', '169.254.20.10/32', everywhere]);
  const blocks = blocksIn(policies, 'egress');
  return [
    { name: 'DNS', peer: dns, ports: [{ protocol: 'UDP', port: 53 }] },
    ...blocks.filter(({ cidr }) => !known.has(cidr)).map(({ cidr, ports }) => addressed(cidr, cidr, ports)),
    // Which ports are asked there isn't known here: these stand for all.
    ...namespacesIn(policies, 'egress')
      .filter((name) => name !== namespace)
      .map((name) => ({ name: `a pod of ${name}`, peer: stranger(name, {}), ports: [tcp(80), tcp(443)] })),
    addressed('EKS Pod Identity', '169.254.170.23', [tcp(80)]),
    addressed('instance metadata', '169.254.169.254', [tcp(80)]),
    addressed(
      'any other address',
      anyAddress,
      distinct([tcp(443), tcp(80), ...(blocks.find(({ cidr }) => cidr === everywhere)?.ports ?? [])]),
    ),
  ];
}

function addressed(name: string, cidr: string, ports: readonly PodPort[]): Asked {
  return { name, peer: { kind: 'address', address: cidr.split('/')[0] ?? cidr }, ports };
}

/** The namespaces whose pods policies name for a direction, whatever these are. */
function namespacesIn(policies: readonly KubernetesObject[], direction: 'egress' | 'ingress'): readonly string[] {
  const names = policies
    .filter((policy) => typesOf(policy).includes(direction))
    .flatMap((policy) => arrayOf(at(policy, 'spec', direction)))
    .flatMap((rule) => arrayOf(at(rule, direction === 'egress' ? 'to' : 'from')))
    .filter((peer) => at(peer, 'podSelector') === undefined)
    .map((peer) => textOf(at(peer, 'namespaceSelector', 'matchLabels', 'kubernetes.io/metadata.name')));
  return [...new Set(names)].filter((name) => name !== '').toSorted();
}

/** The blocks that policies name for a direction, each with all ports that go with it. */
function blocksIn(
  policies: readonly KubernetesObject[],
  direction: 'egress' | 'ingress',
): readonly { readonly cidr: string; readonly ports: readonly PodPort[] }[] {
  const found = policies
    .filter((policy) => typesOf(policy).includes(direction))
    .flatMap((policy) => arrayOf(at(policy, 'spec', direction)))
    .flatMap((rule) => {
      const ports = arrayOf(at(rule, 'ports')).map(objectOf);
      const peers = arrayOf(at(rule, direction === 'egress' ? 'to' : 'from'));
      return peers
        .map((peer) => at(peer, 'ipBlock'))
        .filter(isObject)
        .map(({ cidr }) => ({
          cidr: textOf(cidr),
          ports: ports.flatMap(({ protocol, port }) =>
            typeof port === 'number' ? [{ protocol: protocolOf({ protocol }), port }] : [],
          ),
        }));
    });
  const cidrs = [...new Set(found.map(({ cidr }) => cidr))].toSorted();
  return cidrs.map((cidr) => ({
    cidr,
    ports: distinct(found.filter((one) => one.cidr === cidr).flatMap(({ ports }) => ports)),
  }));
}
