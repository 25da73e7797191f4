import { selects } from '../../../kinds/service.ts';
import type { Finding } from '../../../model/finding.ts';
import { arrayOf, at, type Json, type JsonObject } from '../../../model/json.ts';
import type { Manifest } from '../../../model/manifest.ts';
import { formatRef, refKey } from '../../../model/object.ts';
import { namesIn } from '../../../model/text.ts';
import { distinct, type PodPort } from '../../network/calls.ts';
import { type Outward, outwardIn } from '../../network/outward.ts';
import { ingressPoliciesOf } from '../../network/policies.ts';
import { textsRead } from '../../network/texts-read.ts';
import { exposuresOf, servicesIn, trafficOf } from '../../network/traffic.ts';
import { podLabelsOf } from '../../pod-template.ts';
import { type Application, aboutWorkload, podMakers } from '../application.ts';
import type { Collection } from './collection.ts';

/** The Services that other workloads of the namespace ask, with who does and on which ports of the pods. */
export const calledServices: Collection = {
  name: 'called-service',
  items(application) {
    const calls = trafficIn(application).flatMap(({ workload, calls: own }) =>
      own.map((call) => ({ workload, ...call })),
    );
    const services = new Map(calls.map(({ service }) => [refKey(service.ref), service]));
    return [...services.values()].map((service) => {
      const those = calls.filter((one) => one.service === service);
      const callers = those.map(({ workload }): JsonObject => ({ podSelector: aboutWorkload(workload).selector }));
      const ports = distinct(those.flatMap((one) => one.ports));
      return { service: { ...aboutService(service), callers, ports } };
    });
  },
  notes(application) {
    const unasked = unaskedServices(application);
    const [first] = unasked;
    if (first === undefined) return [];
    const names = namesIn(unasked.map(({ ref }) => ref.name));
    const cause = `Nobody may ask ${names}: no Ingress or load balancer of the manifests leads there, and none of their pods is told to ask.`;
    const fix =
      'For requests from outside of the cluster: an Ingress (--with ingress). For a port-forward nothing is needed. For pods that are told elsewhere: a NetworkPolicy of your own.';
    return [
      { id: 'network/unasked', severity: 'info', object: first.ref, origin: first.origin, cause, evidence: [], fix },
    ];
  },
};

/**
 * Where nothing leads in from outside: the Services with pods to which neither the add-on nor a NetworkPolicy of the
 * application lets anybody. Beside an Ingress it is a worker's that nobody asks, and needs no word.
 */
function unaskedServices(application: Application): readonly Manifest[] {
  const { manifests, namespace } = application;
  const makers = podMakers(application);
  if (exposuresOf(makers, manifests, namespace).length > 0) return [];
  const asked = new Set(trafficIn(application).flatMap(({ calls }) => calls.map(({ service }) => service)));
  return servicesIn(manifests, namespace).filter((service) => {
    const pods = makers.filter((workload) => selects(service.body, podLabelsOf(workload.body)));
    const isLetIn = pods.some((workload) =>
      ingressPoliciesOf(workload, manifests).some(({ body }) => arrayOf(at(body, 'spec', 'ingress')).length > 0),
    );
    return pods.length > 0 && !isLetIn && !asked.has(service);
  });
}

/** The workloads that ask Services of the namespace, with a rule for each of these. */
export const callingWorkloads: Collection = {
  name: 'calling-workload',
  items: (application) =>
    trafficIn(application)
      .filter(({ calls }) => calls.length > 0)
      .map(({ workload, calls }) => ({
        workload: {
          ...aboutUnique(workload, application),
          calls: calls.map(({ service, ports }) => ({
            to: [{ podSelector: aboutService(service).selector }],
            ports,
          })),
        },
      })),
};

/** The workloads that ask caches, brokers and databases, with the ports. */
export const outwardWorkloads: Collection = {
  name: 'outward-workload',
  items: (application) =>
    asking(application, ({ place, port }) => place === 'data' && port > 0).map(({ workload, those }) => ({
      workload: { ...aboutUnique(workload, application), ports: tcp(those) },
      because: `${formatRef(workload.ref)} asks on ${those.map(shownPort).join(', ')}`,
    })),
  notes: (application) => asking(application, () => true).flatMap(notesOf),
};

/** Those that ask what may be anywhere. That of port 443 each pod may have: it needs no word. */
export const worldlyWorkloads: Collection = {
  name: 'worldly-workload',
  items: (application) =>
    asking(application, ({ place, port }) => place === 'anywhere' && port !== 443).map(({ workload, those }) => ({
      workload: { ...aboutUnique(workload, application), ports: tcp(those) },
    })),
};

/** Those that ask Services of other namespaces. On which port of their pods isn't known here: they aren't among the manifests. */
export const crossingWorkloads: Collection = {
  name: 'crossing-workload',
  items: (application) =>
    asking(application, ({ place }) => typeof place !== 'string').map(({ workload, those }) => ({
      workload: {
        ...aboutUnique(workload, application),
        namespaces: namespacesOf(those).map((name) => ({
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
        })),
      },
    })),
};

/** The Services that Ingresses and load balancers send to. */
export const exposedServices: Collection = {
  name: 'exposed-service',
  items: (application) =>
    exposuresOf(podMakers(application), application.manifests, application.namespace).map(({ service, ports }) => ({
      service: { ...aboutService(service), ports },
      because: `${formatRef(service.ref)} is behind a load balancer`,
    })),
};

interface Asking {
  readonly workload: Manifest;
  readonly those: readonly Outward[];
}

function asking(application: Application, isMeant: (one: Outward) => boolean): readonly Asking[] {
  const { manifests, namespace } = application;
  return podMakers(application)
    .map((workload) => ({ workload, those: outwardIn(textsRead(workload, manifests), namespace).filter(isMeant) }))
    .filter(({ those }) => those.length > 0);
}

function tcp(those: readonly Outward[]): readonly PodPort[] {
  return distinct(those.map(({ port }) => ({ protocol: 'TCP', port })));
}

function namespacesOf(those: readonly Outward[]): readonly string[] {
  return [...new Set(those.flatMap(({ place }) => (typeof place === 'string' ? [] : [place.namespace])))].toSorted();
}

function shownPort({ from, port }: Outward): string {
  return from === '' ? String(port) : `${port} (${from})`;
}

/** What is let through but narrowly, or not at all. */
function notesOf({ workload: { ref, origin }, those }: Asking): readonly Finding[] {
  type Clause = (names: string) => string;
  const note = (id: string, names: readonly string[], clause: Clause, fix: string): readonly Finding[] => {
    if (names.length === 0) return [];
    const cause = `${formatRef(ref)} ${clause(namesIn(names))}.`;
    return [{ id, severity: 'info', object: ref, origin, cause, evidence: [], fix }];
  };
  const portless = those.filter(({ place, port }) => typeof place === 'string' && port === 0);
  const assumed = those.filter(({ place, port, isOfAws }) => place === 'data' && port > 0 && !isOfAws);
  return [
    ...note(
      'network/unknown-port',
      portless.map(({ from }) => from),
      (names) => `names hosts without a port, which network-policies doesn't let through: ${names}`,
      'If it asks them on another port than 443: write host:port, put the port beside it (SMTP_HOST, SMTP_PORT), or add a NetworkPolicy of your own.',
    ),
    ...note(
      'network/assumed-subnets',
      assumed.map(shownPort),
      (ports) => `is let through to data_subnet_cidrs alone on ${ports}`,
      'If that host stands elsewhere, add its addresses to data_subnet_cidrs, or a NetworkPolicy of your own.',
    ),
    ...note(
      'network/other-namespace',
      namespacesOf(those),
      (names) => `is let out to the pods of ${names}, on all ports`,
      'Let it in there, if policies of that namespace deny. On which port of its pods is not known here.',
    ),
  ];
}

const inOrder = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'];

/** A Deployment and a CronJob may have one name: their policies must not. */
function aboutUnique(workload: Manifest, application: Application): JsonObject {
  const { ref } = workload;
  const namesakes = podMakers(application).filter((one) => one.ref.name === ref.name);
  const [first] = namesakes.toSorted((a, b) => inOrder.indexOf(a.ref.kind) - inOrder.indexOf(b.ref.kind));
  const name = first === workload ? ref.name : `${ref.name}-${ref.kind.toLowerCase()}`;
  return { ...aboutWorkload(workload), name };
}

function trafficIn(application: Application): ReturnType<typeof trafficOf> {
  return trafficOf(podMakers(application), application.manifests, application.namespace);
}

/** As a NetworkPolicy chooses the pods behind it. */
function aboutService({ ref, body }: Manifest): { readonly name: string; readonly selector: Json } {
  return { name: ref.name, selector: { matchLabels: at(body, 'spec', 'selector') ?? {} } };
}
