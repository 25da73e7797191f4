import { at, isObject } from '../../model/json.ts';
import { manifestsOf, templateLabels } from '../facts.ts';
import { mayMatch } from '../labels.ts';
import type { Rule } from '../rule.ts';

export const pdbNoPods: Rule = {
  id: 'pdb/no-pods',
  severity: 'warning',
  summary: 'a PodDisruptionBudget selects the pods of no manifest',
  fix: 'Correct spec.selector, or the labels of the pod template, then oms-deploy up.',
  run(facts) {
    if (!facts.isWhole) return [];
    return manifestsOf(facts, 'policy', 'PodDisruptionBudget').flatMap((manifest) => {
      const selector = at(manifest.body, 'spec', 'selector');
      const there = facts.manifests
        .filter(({ ref }) => ref.namespace === manifest.ref.namespace)
        .map(({ body }) => templateLabels(body))
        .filter(isObject);
      if (there.length === 0 || there.some((labels) => mayMatch(selector, labels))) return [];
      const cause = 'protects nothing: no pod or workload has the labels that it selects';
      return [{ manifest, path: 'spec.selector', cause, evidence: [`selector ${JSON.stringify(selector ?? {})}`] }];
    });
  },
};
