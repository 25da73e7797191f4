import { backendsOf } from '../../kinds/ingress.ts';
import { selects } from '../../kinds/service.ts';
import { drainingFlaw, reachesPods, servingContainer, targetType } from '../../manifests/draining.ts';
import { podLabelsOf, specOfPods } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { type JsonObject, textOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, warningOf } from '../check.ts';
import { type Facts, liveOf, liveWorkloads } from '../facts.ts';

/**
 * The load balancer sends requests to pods themselves, and for some seconds also to those that are ending: they must go
 * on until it knows (aws-load-balancer-controller#1719).
 */
export const drainingCheck: Check = {
  id: 'ingress/draining',
  summary: 'pods behind a load balancer serve on until it has let go of them',
  commands: ['doctor'],
  needs: ['Ingress', 'Service'],
  run(facts) {
    const served = servedBy(facts);
    return {
      passed: served.length === 0 ? '' : 'pods behind load balancers wait before they end',
      findings: served.flatMap((one) => judge(one)),
    };
  },
};

interface Served {
  readonly ingress: KubernetesObject;
  readonly workload: KubernetesObject;
  readonly container: JsonObject;
}

/** The containers that a load balancer reaches by pod address, each once. */
function servedBy(facts: Facts): readonly Served[] {
  const served = liveOf(facts, 'Ingress').flatMap((ingress) =>
    backendsOf(ingress).flatMap(({ service: name, port }) => {
      const { namespace = '' } = ingress.metadata;
      const service = facts.world.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
      if (service === undefined || !reachesPods(ingress, service)) return [];
      return liveWorkloads(facts)
        .filter((workload) => workload.metadata.namespace === namespace && selects(service, podLabelsOf(workload)))
        .flatMap((workload) => {
          const container = servingContainer(specOfPods(workload), service, port);
          return container === undefined ? [] : [{ ingress, workload, container }];
        });
    }),
  );
  return [
    ...new Map(served.map((one) => [`${formatRef(refOf(one.workload))} ${textOf(one.container.name)}`, one])).values(),
  ];
}

function judge({ ingress, workload, container }: Served): readonly Finding[] {
  const flaw = drainingFlaw(container, specOfPods(workload));
  if (flaw === undefined) return [];
  const evidence = [`${formatRef(refOf(ingress))} has ${targetType}: ip`];
  return [warningOf('ingress/draining', refOf(workload), flaw.cause, flaw.fix, evidence)];
}
