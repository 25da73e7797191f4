import { isIPv4 } from 'node:net';
import { arrayOf, at, isObject, type JsonObject, numberOf, objectOf, textOf } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { matchesSelector } from '../../model/selector.ts';
import { protocolOf } from './calls.ts';

/** A pod, as policies see it. */
export interface PodPeer {
  readonly kind: 'pod';
  readonly namespace: string;
  readonly namespaceLabels: JsonObject;
  readonly labels: JsonObject;
  /** The numbers of its ports that have a name. */
  readonly ports: ReadonlyMap<string, number>;
}

/** An address outside of the cluster. */
export interface AddressPeer {
  readonly kind: 'address';
  readonly address: string;
}

export type Peer = PodPeer | AddressPeer;

/** Who asks whom, on which port of the one that is asked. */
export interface Question {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: string;
  readonly port: number;
}

/** Whether it may, and which policies say so. */
export interface Decision {
  readonly isAllowed: boolean;
  /** Where it may not: at which end. */
  readonly deniedAt?: 'egress' | 'ingress';
  /** The policies that allow it; where it may not, those that cut the pods off. None: nothing cuts them off. */
  readonly by: readonly KubernetesObject[];
}

/**
 * What NetworkPolicies together say of a connection, as the API defines it (NetworkPolicySpec in networking/v1): pods that a
 * policy chooses for a direction are cut off but for what any such policy allows; both ends must allow.
 */
export function decide(policies: readonly KubernetesObject[], question: Question): Decision {
  const ends = [endOf('egress', policies, question), endOf('ingress', policies, question)];
  const denied = ends.find((end) => end.isolating.length > 0 && end.allowing.length === 0);
  if (denied !== undefined) return { isAllowed: false, deniedAt: denied.direction, by: denied.isolating };
  return { isAllowed: true, by: ends.flatMap(({ allowing }) => allowing) };
}

interface End {
  readonly direction: 'egress' | 'ingress';
  readonly isolating: readonly KubernetesObject[];
  readonly allowing: readonly KubernetesObject[];
}

function endOf(direction: End['direction'], policies: readonly KubernetesObject[], question: Question): End {
  const own = direction === 'egress' ? question.from : question.to;
  const other = direction === 'egress' ? question.to : question.from;
  if (own.kind === 'address') return { direction, isolating: [], allowing: [] };
  const isolating = policies.filter(
    (policy) =>
      policy.metadata.namespace === own.namespace &&
      typesOf(policy).includes(direction) &&
      matchesSelector(at(policy, 'spec', 'podSelector'), own.labels),
  );
  const allowing = isolating.filter((policy) =>
    arrayOf(at(policy, 'spec', direction)).some((rule) => {
      const peers = arrayOf(at(rule, direction === 'egress' ? 'to' : 'from'));
      const isPeer = peers.length === 0 || peers.some((peer) => meets(peer, other, own.namespace));
      return isPeer && meansPort(arrayOf(at(rule, 'ports')), question);
    }),
  );
  return { direction, isolating, allowing };
}

/** Without `policyTypes` a policy is about ingress, and about egress where it has such rules (NetworkPolicySpec). */
export function typesOf(policy: KubernetesObject): readonly string[] {
  const types = arrayOf(at(policy, 'spec', 'policyTypes')).map((type) => textOf(type).toLowerCase());
  if (types.length > 0) return types;
  return ['ingress', ...(at(policy, 'spec', 'egress') === undefined ? [] : ['egress'])];
}

/** Whether a peer of a rule is this one: pods by selectors, addresses by blocks. */
function meets(peer: unknown, other: Peer, namespace: string): boolean {
  const { ipBlock, podSelector, namespaceSelector } = objectOf(peer);
  if (isObject(ipBlock)) return other.kind === 'address' && isInBlock(other.address, ipBlock);
  if (other.kind === 'address') return false;
  const isNamespace =
    namespaceSelector === undefined
      ? other.namespace === namespace
      : matchesSelector(namespaceSelector, other.namespaceLabels);
  return isNamespace && (podSelector === undefined || matchesSelector(podSelector, other.labels));
}

function isInBlock(address: string, { cidr, except }: JsonObject): boolean {
  return isIn(address, textOf(cidr)) && !arrayOf(except).some((one) => isIn(address, textOf(one)));
}

/** Whether an IPv4 address is in a block; of IPv6 nothing is said. */
export function isIn(address: string, cidr: string): boolean {
  const [base = '', length = '32'] = cidr.split('/');
  if (!isIPv4(address) || !isIPv4(base)) return false;
  const free = 2 ** (32 - Number(length));
  return Math.floor(numberOfAddress(address) / free) === Math.floor(numberOfAddress(base) / free);
}

/** An IPv4 address as the number that it is. */
export function numberOfAddress(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function meansPort(rules: readonly unknown[], { to, protocol, port }: Question): boolean {
  if (rules.length === 0) return true;
  return rules.map(objectOf).some((rule) => {
    if (protocolOf(rule) !== protocol) return false;
    if (rule.port === undefined) return true;
    // A name means the port of the pod that is asked.
    const first = typeof rule.port === 'string' ? namedPort(to, rule.port) : numberOf(rule.port, 0);
    return first !== undefined && port >= first && port <= numberOf(rule.endPort, first);
  });
}

function namedPort(to: Peer, name: string): number | undefined {
  return to.kind === 'pod' ? to.ports.get(name) : undefined;
}
