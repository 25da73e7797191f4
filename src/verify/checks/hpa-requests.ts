import { requestFlaws } from '../../manifests/hpa-requests.ts';
import { specOfPods } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { objectOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';
import { targetOf } from './hpa-selector.ts';
import { livePods } from './templates.ts';

/** Utilization is a share of the request: one container without it, and the HPA has no figure at all. */
export const hpaRequestsCheck: Check = {
  id: 'hpa/requests',
  summary: 'containers have the requests that HPAs take their percentages of',
  commands: ['doctor'],
  needs: ['HorizontalPodAutoscaler', 'Pod'],
  run(facts) {
    const scalers = liveOf(facts, 'HorizontalPodAutoscaler');
    return {
      passed: scalers.length === 0 ? '' : 'every HPA finds the requests it computes with',
      findings: scalers.flatMap((scaler) => judge(scaler, facts)),
    };
  },
};

function judge(scaler: KubernetesObject, facts: Facts): readonly Finding[] {
  const target = targetOf(scaler, facts.world);
  if (target === undefined) return [];
  // LimitRanges and webhooks complete pods, not templates: only without a pod the template is all there is.
  const pods = livePods(target, facts).map(({ spec }) => objectOf(spec));
  return requestFlaws(scaler, refOf(target), pods.length > 0 ? pods : [specOfPods(target)]).map(({ cause, fix }) =>
    problemOf('hpa/requests', refOf(scaler), cause, fix),
  );
}
