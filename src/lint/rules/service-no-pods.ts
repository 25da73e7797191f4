import { selectorOf } from '../../kinds/service.ts';
import { at, isObject } from '../../model/json.ts';
import { manifestsOf, templateLabels } from '../facts.ts';
import { formatLabels, maySelect } from '../labels.ts';
import type { Rule } from '../rule.ts';

export const serviceNoPods: Rule = {
  id: 'service/no-pods',
  severity: 'warning',
  summary: "a Service's selector matches the pods of no manifest",
  fix: 'Correct the selector, or the labels of the pod template.',
  run(facts) {
    if (!facts.isWhole) return [];
    return manifestsOf(facts, '', 'Service').flatMap((manifest) => {
      const { body, ref } = manifest;
      const there = facts.manifests
        .filter(({ ref: { namespace } }) => namespace === ref.namespace)
        .map((one) => templateLabels(one.body))
        .filter(isObject);
      const selector = at(body, 'spec', 'selector');
      // Manifests without any pods go to a namespace that has them.
      if (selectorOf(body).length === 0 || there.length === 0) return [];
      if (there.some((labels) => maySelect(selector, labels))) return [];
      const evidence = [`pods of the manifests have: ${[...new Set(there.map(formatLabels))].slice(0, 6).join('; ')}`];
      const cause = `reaches no pod: no pod has the labels that it selects: ${formatLabels(selector)}`;
      return [{ manifest, path: 'spec.selector', cause, evidence }];
    });
  },
};
