import { adviceFor } from '../advice.ts';
import { manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';

export const quotaMissing: Rule = {
  id: 'quota/missing',
  severity: 'info',
  summary: 'the application has no ResourceQuota',
  fix: 'Add one for the maxima of the HPAs with the surge of a rollout, and a LimitRange: --with quota, or your own.',
  run: (facts) =>
    !facts.isWhole || manifestsOf(facts, '', 'ResourceQuota').length > 0
      ? []
      : adviceFor(facts.pods, () => '', 'may use all that the cluster has: there is no ResourceQuota'),
};
