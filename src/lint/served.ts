import { backendsOf } from '../kinds/ingress.ts';
import { reachesPods, servingContainer } from '../manifests/draining.ts';
import { at, type JsonObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject } from '../model/object.ts';
import { findManifest, type LintFacts, manifestsOf } from './facts.ts';
import { maySelect } from './labels.ts';
import { type ContainerPlace, type PodPlace, podsWith } from './pods.ts';

/** A container that an Ingress sends requests to. */
export interface Served {
  readonly ingress: Manifest;
  readonly service: Manifest;
  /** The port of the Service: a number, or its name. */
  readonly port: string;
  readonly pod: PodPlace;
  readonly place: ContainerPlace;
}

/** The containers that load balancers reach by the address of their pods (target-type ip), each once. */
export function servedBy(facts: LintFacts): readonly Served[] {
  return [...new Map(behindIngresses(facts, reachesPods).map((one) => [one.place, one])).values()];
}

/** The containers behind the Ingresses and Services that are meant: once for each port of a Service that leads there. */
export function behindIngresses(
  facts: LintFacts,
  isMeant: (ingress: KubernetesObject, service: KubernetesObject) => boolean,
): readonly Served[] {
  return manifestsOf(facts, 'networking.k8s.io', 'Ingress').flatMap((ingress) =>
    backendsOf(ingress.body).flatMap(({ service: name, port }) => {
      const { namespace = '' } = ingress.ref;
      const service = findManifest(facts, { apiVersion: 'v1', kind: 'Service', namespace, name });
      if (service === undefined || !isMeant(ingress.body, service.body)) return [];
      const selects = (labels: JsonObject): boolean => maySelect(at(service.body, 'spec', 'selector'), labels);
      return podsWith(facts.pods, namespace, selects).flatMap((pod) => {
        const container = servingContainer(pod.spec, service.body, port);
        const place = pod.containers.find((one) => one.container === container);
        return place === undefined ? [] : [{ ingress, service, port, pod, place }];
      });
    }),
  );
}
