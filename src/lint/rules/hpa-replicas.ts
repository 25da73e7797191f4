import { at } from '../../model/json.ts';
import type { Rule } from '../rule.ts';
import { scalersOf } from '../scalers.ts';

export const hpaReplicas: Rule = {
  id: 'hpa/replicas',
  severity: 'info',
  summary:
    'a workload sets `replicas`, and an HPA scales it: `kubectl apply` would reset the scale each time, `up` leaves it to the HPA',
  fix: 'Take replicas out of the manifest.',
  run: (facts) =>
    scalersOf(facts).flatMap(({ manifest: { ref }, target }) => {
      const written = target === undefined ? undefined : facts.written[facts.manifests.indexOf(target)];
      if (target === undefined || at(written?.body, 'spec', 'replicas') === undefined) return [];
      const cause = `sets replicas, and HPA ${ref.name} scales it: each kubectl apply resets the scale; oms-deploy leaves it to the HPA`;
      return [{ manifest: target, path: 'spec.replicas', cause }];
    }),
};
