import { readyEndpoints, selectedPods, selectorOf } from '../../kinds/service.ts';
import { countOf } from '../../model/age.ts';
import { arrayOf, at, objectOf, stringOf, textOf } from '../../model/json.ts';
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

/** A port that no container of the selected pods names or opens. Numbers may be open without being declared: a warning. */
function portFindings(service: KubernetesObject, facts: Facts): ReturnType<typeof problemOf>[] {
  const pods = selectedPods(service, facts.world);
  if (selectorOf(service).length === 0 || pods.length === 0) return [];
  const ports = pods.flatMap((pod) =>
    arrayOf(at(pod, 'spec', 'containers')).flatMap((container) => arrayOf(objectOf(container).ports).map(objectOf)),
  );
  return arrayOf(at(service, 'spec', 'ports')).flatMap((entry) => {
    const { port, targetPort } = objectOf(entry);
    const target = targetPort ?? port;
    const isThere = ports.some(({ name, containerPort }) =>
      typeof target === 'string' ? name === target : containerPort === target,
    );
    if (isThere || (typeof target === 'number' && ports.length === 0)) return [];
    const found = ports.map(({ name, containerPort }) => `${stringOf(name) ?? ''}:${textOf(containerPort)}`);
    const evidence = [`the pods' containers have: ${[...new Set(found)].join(', ') || 'no ports'}`];
    const cause = `sends port ${textOf(port)} to ${textOf(target)}, which no container of its pods has`;
    const fix = 'Correct targetPort, or the ports of the container.';
    return [
      (typeof target === 'string' ? problemOf : warningOf)('service/ports', refOf(service), cause, fix, evidence),
    ];
  });
}
