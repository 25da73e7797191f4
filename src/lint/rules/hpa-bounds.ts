import { at, numberOf } from '../../model/json.ts';
import type { Flaw, Rule } from '../rule.ts';
import { scalersOf } from '../scalers.ts';

export const hpaBounds: Rule = {
  id: 'hpa/bounds',
  severity: 'error',
  summary: "an HPA's minimum is above its maximum, or one of them is below 1",
  fix: 'Write minReplicas: at least 1, and maxReplicas: not below it.',
  leftTo: 'server',
  run: (facts) =>
    scalersOf(facts).flatMap(({ manifest }): Flaw[] => {
      const { minReplicas, maxReplicas } = {
        minReplicas: at(manifest.body, 'spec', 'minReplicas'),
        maxReplicas: at(manifest.body, 'spec', 'maxReplicas'),
      };
      const [min, max] = [numberOf(minReplicas, 1), maxReplicas];
      if (maxReplicas === undefined) return [{ manifest, path: 'spec', cause: 'has no maxReplicas' }];
      if (typeof max !== 'number') return [];
      if (max < 1) return [{ manifest, path: 'spec.maxReplicas', cause: `has maxReplicas ${max}` }];
      if (min < 1) return [{ manifest, path: 'spec.minReplicas', cause: `has minReplicas ${min}` }];
      if (typeof minReplicas !== 'number' && minReplicas !== undefined) return [];
      if (min <= max) return [];
      return [{ manifest, path: 'spec.minReplicas', cause: `has minReplicas ${min} above maxReplicas ${max}` }];
    }),
};
