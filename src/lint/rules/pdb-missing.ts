import { leastPods } from '../../manifests/pod-counts.ts';
import { at } from '../../model/json.ts';
import { adviceFor } from '../advice.ts';
import { manifestsOf } from '../facts.ts';
import { mayMatch } from '../labels.ts';
import type { Rule } from '../rule.ts';

export const pdbMissing: Rule = {
  id: 'pdb/missing',
  severity: 'info',
  summary: 'a workload with several replicas has no PodDisruptionBudget',
  fix: 'Add one: --with disruption-budgets, or your own with maxUnavailable: 1 and unhealthyPodEvictionPolicy: AlwaysAllow.',
  run(facts) {
    if (!facts.isWhole) return [];
    const budgets = manifestsOf(facts, 'policy', 'PodDisruptionBudget');
    const bare = facts.pods.filter(({ manifest: { body, ref }, labels }) => {
      if (ref.kind !== 'Deployment' && ref.kind !== 'StatefulSet') return false;
      const isProtected = budgets.some(
        (budget) => budget.ref.namespace === ref.namespace && mayMatch(at(budget.body, 'spec', 'selector'), labels),
      );
      return leastPods(body, facts.manifests) > 1 && !isProtected;
    });
    return adviceFor(
      bare,
      () => 'spec',
      'is protected by no PodDisruptionBudget: a drain may take all of its pods at once',
    );
  },
};
