import { graceFlaw } from '../../manifests/draining.ts';
import type { Rule } from '../rule.ts';
import { servedBy } from '../served.ts';

export const podsGrace: Rule = {
  id: 'pods/grace',
  severity: 'warning',
  summary:
    'a preStop hook sleeps as long as terminationGracePeriodSeconds, or longer (behind a load balancer: `ingress/draining`)',
  fix: 'Raise terminationGracePeriodSeconds above the sleep and the time that the program needs to end.',
  run(facts) {
    const served = new Set(servedBy(facts).map(({ place }) => place));
    return facts.pods.flatMap(({ manifest, spec, path, containers }) =>
      containers.flatMap((place) => {
        const flaw = served.has(place) ? undefined : graceFlaw(place.container, spec);
        return flaw === undefined
          ? []
          : [{ manifest, path: `${path}.${flaw.field}`, cause: flaw.cause, fix: flaw.fix }];
      }),
    );
  },
};
