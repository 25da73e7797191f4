import { requestFlaws } from '../../manifests/hpa-requests.ts';
import { specOfPods } from '../../manifests/pod-template.ts';
import { arrayOf, at } from '../../model/json.ts';
import { manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';
import { scalersOf } from '../scalers.ts';

export const hpaRequests: Rule = {
  id: 'hpa/requests',
  severity: 'warning',
  summary:
    'a container lacks the request that an HPA takes its percentage of (a LimitRange of the cluster may give one)',
  fix: 'Set resources.requests there and deploy: oms-deploy up.',
  run(facts) {
    const ranged = new Set(manifestsOf(facts, '', 'LimitRange').map(({ ref }) => ref.namespace));
    return scalersOf(facts).flatMap(({ manifest, target }) => {
      if (target === undefined || ranged.has(target.ref.namespace)) return [];
      return requestFlaws(manifest.body, target.ref, [specOfPods(target.body)]).map(({ resource, cause, fix }) => {
        const index = arrayOf(at(manifest.body, 'spec', 'metrics')).findIndex((metric) =>
          ['resource', 'containerResource'].some((source) => at(metric, source, 'name') === resource),
        );
        return { manifest, path: `spec.metrics[${index}]`, cause, fix };
      });
    });
  },
};
