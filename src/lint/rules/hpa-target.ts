import type { Rule } from '../rule.ts';
import { scalersOf } from '../scalers.ts';

export const hpaTarget: Rule = {
  id: 'hpa/target',
  severity: 'warning',
  summary: 'an HPA scales a workload that the manifests lack (it may be in the cluster already)',
  fix: 'Correct scaleTargetRef: apiVersion, kind and name of the workload.',
  run: (facts) =>
    scalersOf(facts)
      .filter(({ target, isOpen }) => facts.isWhole && target === undefined && !isOpen)
      .map(({ manifest, targetName }) => ({
        manifest,
        path: 'spec.scaleTargetRef',
        cause: `scales ${targetName}, which is not among the manifests`,
      })),
};
