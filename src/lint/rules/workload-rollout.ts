import { at, type Json } from '../../model/json.ts';
import { manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';

export const workloadRollout: Rule = {
  id: 'workload/rollout',
  severity: 'error',
  summary:
    'a Deployment may neither make a new pod first nor take an old one away: maxSurge and maxUnavailable are both 0',
  fix: 'Set one of them to 1.',
  leftTo: 'server',
  run: (facts) =>
    manifestsOf(facts, 'apps', 'Deployment').flatMap((manifest) => {
      const rolling = at(manifest.body, 'spec', 'strategy', 'rollingUpdate');
      if (!isZero(at(rolling, 'maxSurge')) || !isZero(at(rolling, 'maxUnavailable'))) return [];
      return [
        {
          manifest,
          path: 'spec.strategy.rollingUpdate.maxUnavailable',
          cause: 'can never roll out: maxSurge and maxUnavailable are both 0',
        },
      ];
    }),
};

function isZero(value: Json | undefined): boolean {
  return value === 0 || value === '0%';
}
