import { at, isObject } from '../../model/json.ts';
import { groupOf } from '../../model/object.ts';
import { formatLabels, mayMatch } from '../labels.ts';
import type { Rule } from '../rule.ts';

export const workloadSelector: Rule = {
  id: 'workload/selector',
  severity: 'error',
  summary: "a workload's selector doesn't match the labels of its own pod template",
  fix: 'Give spec.template.metadata.labels what spec.selector asks for.',
  leftTo: 'server',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, labels }) => {
      const selector = at(manifest.body, 'spec', 'selector');
      if (groupOf(manifest.ref.apiVersion) !== 'apps' || !isObject(selector) || mayMatch(selector, labels)) return [];
      const wanted = formatLabels(selector.matchLabels);
      const cause = `selects pods with ${wanted}, and its own template's labels are ${formatLabels(labels)}`;
      return [{ manifest, path: 'spec.selector', cause }];
    }),
};
