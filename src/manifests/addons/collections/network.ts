import { at, type Json, type JsonObject } from '../../../model/json.ts';
import type { Manifest } from '../../../model/manifest.ts';
import { refKey } from '../../../model/object.ts';
import { distinct } from '../../network/calls.ts';
import { exposuresOf, trafficOf } from '../../network/traffic.ts';
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
};

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

/** The workloads that ask hosts outside of the cluster, with the ports. */
export const outwardWorkloads: Collection = {
  name: 'outward-workload',
  items: (application) =>
    trafficIn(application)
      .filter(({ outward }) => outward.length > 0)
      .map(({ workload, outward }) => ({
        workload: { ...aboutUnique(workload, application), ports: outward.map((port) => ({ protocol: 'TCP', port })) },
      })),
};

/** The Services that Ingresses and load balancers send to. */
export const exposedServices: Collection = {
  name: 'exposed-service',
  items: (application) =>
    exposuresOf(podMakers(application), application.manifests, application.namespace).map(({ service, ports }) => ({
      service: { ...aboutService(service), ports },
    })),
};

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
