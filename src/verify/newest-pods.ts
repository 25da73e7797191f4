import { podsOf } from '../kinds/index.ts';
import { isAlive } from '../kinds/pods/index.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import { arrayOf, at } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type Facts, liveOf, liveWorkloads } from './facts.ts';
import { readyPods, websocketPaths } from './questions.ts';

/** Why nobody was asked what these workloads are there to be asked: old pods that still serve would answer for the new ones. */
export function whyNotAsked(workloads: readonly KubernetesObject[], { world }: Facts): { readonly skipped?: string } {
  const isAnyReady = workloads.some((workload) => readyPods(workload, world).length > 0);
  return workloads.length === 0 || isAnyReady ? {} : { skipped: 'no pod of the newest revision is ready' };
}

/** The workloads that have an HTTP probe. */
export function probedWorkloads(facts: Facts): readonly KubernetesObject[] {
  const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'];
  const isProbed = (container: unknown): boolean =>
    probes.some((probe) => at(container, probe, 'httpGet') !== undefined);
  return serversOf(facts).filter((live) => arrayOf(at(podTemplateOf(live), 'spec', 'containers')).some(isProbed));
}

/** All workloads, where a Service or an Ingress has a WebSocket. */
export function socketWorkloads(facts: Facts): readonly KubernetesObject[] {
  const ingresses = liveOf(facts, 'Ingress');
  const hasSocket = liveOf(facts, 'Service').some((service) => websocketPaths(service, ingresses).length > 0);
  return hasSocket ? serversOf(facts) : [];
}

/** The workloads whose pods go on. */
export function serversOf(facts: Facts): readonly KubernetesObject[] {
  return liveWorkloads(facts).filter(({ kind }) => kind !== 'Job');
}

/** Whether there are pods of the newest revision whose logs could be read. */
export function hasNewestPods(facts: Facts): boolean {
  return liveWorkloads(facts).some((workload) => podsOf(workload, facts.world).some(isAlive));
}
