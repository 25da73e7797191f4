import { backendsOf } from '../kinds/ingress.ts';
import { reachesPods, servingContainer } from '../manifests/draining.ts';
import { at, type JsonObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { findManifest, type LintFacts, manifestsOf } from './facts.ts';
import { maySelect } from './labels.ts';
import { type ContainerPlace, type PodPlace, podsWith } from './pods.ts';

/** A container that a load balancer reaches by the address of its pod. */
export interface Served {
  readonly ingress: Manifest;
  readonly pod: PodPlace;
  readonly place: ContainerPlace;
}

/** The containers behind Ingresses with target-type ip, each once. */
export function servedBy(facts: LintFacts): readonly Served[] {
  const served = manifestsOf(facts, 'networking.k8s.io', 'Ingress').flatMap((ingress) =>
    backendsOf(ingress.body).flatMap(({ service: name, port }) => {
      const { namespace = '' } = ingress.ref;
      const service = findManifest(facts, { apiVersion: 'v1', kind: 'Service', namespace, name });
      if (service === undefined || !reachesPods(ingress.body, service.body)) return [];
      const selects = (labels: JsonObject): boolean => maySelect(at(service.body, 'spec', 'selector'), labels);
      return podsWith(facts.pods, namespace, selects).flatMap((pod) => {
        const container = servingContainer(pod.spec, service.body, port);
        const place = pod.containers.find((one) => one.container === container);
        return place === undefined ? [] : [{ ingress, pod, place }];
      });
    }),
  );
  return [...new Map(served.map((one) => [one.place, one])).values()];
}
