import { readyEndpoints, selectedPods, selectorOf } from '../../kinds/service.ts';
import { mainContainers } from '../../manifests/pod-template.ts';
import { strayPorts } from '../../manifests/service-ports.ts';
import { countOf } from '../../model/age.ts';
import { at, objectOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';

/** Services have ready endpoints, and their ports lead to ports that the pods have. */
export const servicesCheck: Check = {
  id: 'service/endpoints',
  summary: 'every Service with a selector has ready endpoints, and its target ports exist',
  commands: ['verify', 'doctor'],
  needs: ['EndpointSlice', 'Pod'],
  run(facts) {
    const services = liveOf(facts, 'Service');
    const endpoints = services.reduce((sum, service) => sum + readyEndpoints(service, facts.world), 0);
    return {
      passed:
        services.length === 0
          ? ''
          : `${countOf(services.length, 'Service')} with ${countOf(endpoints, 'ready endpoint')}`,
      findings: services.flatMap((service) => [...endpointFindings(service, facts), ...portFindings(service, facts)]),
    };
  },
};

function endpointFindings(service: KubernetesObject, facts: Facts): ReturnType<typeof problemOf>[] {
  const readiness = assessNow(service, facts.world);
  if (readiness.state === 'ready') {
    if (readiness.why === undefined || !readiness.why.startsWith('no endpoint')) return [];
    return [
      warningOf(
        'service/endpoints',
        refOf(service),
        `has ${readiness.why}`,
        'Scale the workload up when it is wanted.',
      ),
    ];
  }
  const [problem] = readiness.problems ?? [];
  if (problem !== undefined)
    return [problemOf(problem.id, refOf(service), `reaches no pod: ${problem.cause}`, problem.fix, problem.evidence)];
  const pods = selectedPods(service, facts.world).map(({ metadata }) => metadata.name ?? '');
  return [
    problemOf(
      'service/endpoints',
      refOf(service),
      `has ${readiness.why}`,
      endpointHint(service, pods),
      pods.length === 0 ? [] : [`it selects ${pods.slice(0, 5).join(', ')}`],
    ),
  ];
}

function endpointHint(service: KubernetesObject, pods: readonly string[]): string {
  const { name = '', namespace = '' } = service.metadata;
  const [pod] = pods;
  if (at(service, 'spec', 'type') === 'LoadBalancer')
    return `See its events: kubectl describe service ${name} -n ${namespace}.`;
  return pod === undefined
    ? `Wait for its pods: kubectl get pods -n ${namespace}.`
    : `See what holds its pods back: kubectl describe pod ${pod} -n ${namespace}.`;
}

function portFindings(service: KubernetesObject, facts: Facts): ReturnType<typeof problemOf>[] {
  const pods = selectedPods(service, facts.world);
  if (selectorOf(service).length === 0 || pods.length === 0) return [];
  const containers = pods.flatMap((pod) => mainContainers(objectOf(pod.spec)));
  return strayPorts(service, containers).map(({ cause, fix, evidence, isCertain }) =>
    (isCertain ? problemOf : warningOf)('service/ports', refOf(service), cause, fix, evidence),
  );
}
