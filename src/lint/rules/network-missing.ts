import { adviceFor } from '../advice.ts';
import { manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';

export const networkMissing: Rule = {
  id: 'network/missing',
  severity: 'info',
  summary: 'the application has no NetworkPolicy',
  fix: 'Add some for what each workload needs (egress: DNS first): --with network-policies, or your own.',
  run: (facts) =>
    !facts.isWhole || manifestsOf(facts, 'networking.k8s.io', 'NetworkPolicy').length > 0
      ? []
      : adviceFor(facts.pods, () => '', 'is open to every pod of the cluster: there is no NetworkPolicy'),
};
