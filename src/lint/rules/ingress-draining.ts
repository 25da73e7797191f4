import { drainingFlaw, targetType } from '../../manifests/draining.ts';
import { formatRef } from '../../model/object.ts';
import type { Rule } from '../rule.ts';
import { servedBy } from '../served.ts';

/** The load balancer sends requests for some seconds also to pods that are ending (aws-load-balancer-controller#1719). */
export const ingressDraining: Rule = {
  id: 'ingress/draining',
  severity: 'warning',
  summary:
    'pods behind a load balancer (target-type ip) end before it has let go of them: no preStop sleep, or a grace that is too short',
  fix: 'Add lifecycle.preStop.sleep.seconds: 20 and terminationGracePeriodSeconds: 60.',
  run: (facts) =>
    servedBy(facts).flatMap(({ ingress, pod, place }) => {
      const flaw = drainingFlaw(place.container, pod.spec);
      if (flaw === undefined) return [];
      const path = flaw.field === 'lifecycle' ? place.path : `${pod.path}.${flaw.field}`;
      const evidence = [`${formatRef(ingress.ref)} has ${targetType}: ip`];
      return [{ manifest: pod.manifest, path, cause: flaw.cause, fix: flaw.fix, evidence }];
    }),
};
