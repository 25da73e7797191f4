import { backendsOf } from '../../kinds/ingress.ts';
import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, textOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';

/** The load balancer answers 503 "Backend service does not exist" where one of them is missing. */
export const ingressBackendsCheck: Check = {
  id: 'ingress/backends',
  summary: 'the Services and the ports that Ingresses name exist',
  commands: ['verify', 'doctor'],
  needs: ['Ingress', 'Service'],
  run(facts) {
    const ingresses = liveOf(facts, 'Ingress');
    const backends = ingresses.flatMap(backendsOf);
    return {
      passed:
        ingresses.length === 0
          ? ''
          : `${countOf(backends.length, 'backend')} of Ingresses ${backends.length === 1 ? 'exists' : 'exist'}`,
      findings: ingresses.flatMap((live) => backendFindings(live, facts)),
    };
  },
};

function backendFindings(live: KubernetesObject, { world }: Facts): readonly Finding[] {
  const { namespace = '' } = live.metadata;
  return backendsOf(live).flatMap(({ service, port }) => {
    const ref = { apiVersion: 'v1', kind: 'Service', namespace, name: service };
    const target = world.get(ref);
    if (target === undefined) {
      const fix = `Deploy ${formatRef(ref)}, or correct the backend of the Ingress: oms-deploy up.`;
      const cause = `sends requests to ${formatRef(ref)}, which does not exist: they get 503`;
      return [problemOf('ingress/backend', refOf(live), cause, fix)];
    }
    const ports = arrayOf(at(target, 'spec', 'ports'));
    const isThere = ports.some((one) => [at(one, 'name'), at(one, 'port')].some((value) => textOf(value) === port));
    if (isThere) return [];
    const found = ports.map((one) => [textOf(at(one, 'name')), textOf(at(one, 'port'))].filter(Boolean).join(':'));
    const cause = `sends requests to port ${port} of ${formatRef(ref)}, which has no such port`;
    const fix = 'Correct the port in the Ingress, or those of the Service, and deploy: oms-deploy up.';
    return [problemOf('ingress/backend', refOf(live), cause, fix, [`the Service has: ${found.join(', ') || 'none'}`])];
  });
}
