import { formatSpan } from '../model/age.ts';
import { arrayOf, at, stringOf, textOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Problem, Readiness } from '../model/readiness.ts';
import { eventCount, eventTimeMs, timeMs, type World } from '../model/world.ts';
import { type Kind, related, unready } from './kind.ts';
import { quote } from './pods/containers.ts';

/** A controller that is there writes an Event or an address within seconds; without one nobody ever will (argo-cd#14607). */
const patienceMs = 30_000;

/** How soon a controller refuses a change of an Ingress that it has built already. */
const refusalMs = 5000;

/** A load balancer is made in less: an address that has not come so long after the controller's last word will not come. */
const buildingMs = 300_000;

/**
 * Ready: it has an address, and its controller has not refused the newest change of it. A Warning is what it waits for,
 * certain once it has gone on for 30 s. Where no controller answers at all it counts as ready, with a warning: the
 * deploy can't hang on it. So does one that the deploy left as it was, and that has had no address for long.
 */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const waitedMs = world.nowMs - moment.sinceMs;
  // Its controller had its time already where the deploy has left it as it was.
  const knownMs = moment.isChanged
    ? waitedMs
    : world.nowMs - (timeMs(live.metadata.creationTimestamp) ?? moment.sinceMs);
  const events = world
    .eventsOf(live.metadata.uid ?? '')
    .filter((event) => !moment.isChanged || eventTimeMs(event) >= moment.sinceMs - 5000);
  const last = events.at(-1);
  if (addressesOf(live).length > 0) {
    if (!moment.isChanged || isNew(live, moment)) return { state: 'ready' };
    if (last?.type === 'Warning') return unready('changed', [refused(last, waitedMs >= patienceMs)]);
    const isHeard = last !== undefined || waitedMs >= refusalMs;
    return isHeard ? { state: 'ready' } : { state: 'progressing', why: 'its controller has 5 s to refuse the change' };
  }
  if (last?.type === 'Warning') return unready('no address yet', [refused(last, waitedMs >= patienceMs)]);
  if (last === undefined && knownMs >= patienceMs) {
    return { state: 'ready', why: 'no address: no controller answers', problems: [noController(live, world)] };
  }
  if (!moment.isChanged && last !== undefined && world.nowMs - eventTimeMs(last) >= buildingMs) {
    return { state: 'ready', why: 'no address: its controller has published none', problems: [noAddress(last, world)] };
  }
  return { state: 'progressing', why: 'no address yet' };
}

/** An address of one that the deploy has created is an answer to it; an older one's is of what it was before. */
function isNew(live: KubernetesObject, { sinceMs }: Moment): boolean {
  // Timestamps of the API are cut to whole seconds.
  return (timeMs(live.metadata.creationTimestamp) ?? 0) >= sinceMs - 1000;
}

/** Where its load balancer answers: host names, or IP addresses. */
export function addressesOf(live: KubernetesObject): readonly string[] {
  const entries = arrayOf(at(live, 'status', 'loadBalancer', 'ingress'));
  return entries.flatMap((entry) => stringOf(at(entry, 'hostname')) ?? stringOf(at(entry, 'ip')) ?? []);
}

function refused(event: KubernetesObject, certain: boolean): Problem {
  const message = quote(stringOf(event.message) ?? '');
  const reason = stringOf(event.reason) ?? '';
  return {
    id: 'ingress/refused',
    cause: `its controller can't build it: ${message}`,
    fix: ingressFix(message),
    evidence: [`event ${reason} (x${eventCount(event)}): ${message}`],
    certain,
  };
}

/** What the AWS Load Balancer Controller's most frequent refusals want. */
function ingressFix(message: string): string {
  const action = /not authorized to perform: (\S+)/.exec(message)?.[1];
  if (action !== undefined) return `Allow ${action} in the IAM policy of the load balancer controller.`;
  if (/subnet/i.test(message)) {
    return 'Tag the subnets: kubernetes.io/role/elb=1 (public) or kubernetes.io/role/internal-elb=1 (private).';
  }
  return 'Correct the Ingress or the Services it names; oms-deploy doctor compares them.';
}

function noController(live: KubernetesObject, world: World): Problem {
  const name = stringOf(at(live, 'spec', 'ingressClassName'));
  const known = world.list('IngressClass').map(({ metadata }) => metadata.name ?? '');
  const isThere = name !== undefined && known.includes(name);
  const classes = known.length === 0 ? 'the cluster has no IngressClass' : `the cluster has: ${known.join(', ')}`;
  return {
    id: 'ingress/no-controller',
    cause: isThere
      ? `no controller of class ${name} has answered`
      : `no controller answers: ${name === undefined ? 'it names no class' : `there is no IngressClass ${name}`}`,
    fix: 'Install the controller (for ALB: the AWS Load Balancer Controller), or correct ingressClassName.',
    evidence: world.isKnown('IngressClass') ? [classes] : [],
    certain: false,
  };
}

function noAddress(last: KubernetesObject, world: World): Problem {
  const message = quote(stringOf(last.message) ?? '');
  const age = formatSpan(world.nowMs - eventTimeMs(last));
  return {
    id: 'ingress/address',
    cause: 'its controller has published no address',
    fix: 'Look at the log of its controller, and at the load balancer in AWS.',
    evidence: [`event ${stringOf(last.reason) ?? ''} (${age} ago): ${message}`],
    certain: false,
  };
}

/** A Service and a port that an Ingress sends requests to. */
export interface Backend {
  readonly service: string;
  /** A number, or the name of a port of the Service. */
  readonly port: string;
}

/** Every Service and port that an Ingress names, once. An action of the ALB controller is no Service. */
export function backendsOf(ingress: KubernetesObject): readonly Backend[] {
  const rules = arrayOf(at(ingress, 'spec', 'rules')).flatMap((rule) => arrayOf(at(rule, 'http', 'paths')));
  const entries = [at(ingress, 'spec', 'defaultBackend'), ...rules.map((path) => at(path, 'backend'))];
  const named = entries.flatMap((entry) => {
    const service = stringOf(at(entry, 'service', 'name'));
    const port = textOf(at(entry, 'service', 'port', 'name') ?? at(entry, 'service', 'port', 'number'));
    return service === undefined || port === 'use-annotation' ? [] : [{ service, port }];
  });
  return [...new Map(named.map((backend) => [`${backend.service}:${backend.port}`, backend])).values()];
}

export const ingress: Kind = {
  group: 'networking.k8s.io',
  kind: 'Ingress',
  namespaced: true,
  wave: 6,
  related: [related.event, related.ingressClass],
  assess,
};
