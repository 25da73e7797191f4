import { conditionOf } from '../../kinds/replicas.ts';
import { countOf } from '../../model/age.ts';
import { at, numberOf } from '../../model/json.ts';
import { refOf } from '../../model/object.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { liveOf } from '../facts.ts';

/** HPAs see their target and their figures, and aren't at their limit. */
export const autoscalersCheck: Check = {
  id: 'hpa/metrics',
  summary: 'every HPA finds its target, has figures, and is below its maximum',
  commands: ['verify', 'doctor'],
  needs: ['HorizontalPodAutoscaler'],
  run(facts) {
    const scalers = liveOf(facts, 'HorizontalPodAutoscaler');
    const known = scalers.filter((scaler) => conditionOf(scaler, 'ScalingActive')?.status === 'True').length;
    return {
      passed: scalers.length === 0 ? '' : figuresText(known, scalers.length),
      findings: scalers.flatMap((scaler) => {
        const ref = refOf(scaler);
        const readiness = assessNow(scaler, facts.world);
        const problems = (readiness.problems ?? []).map(({ id, cause, fix, evidence }) =>
          problemOf(id, ref, `does not scale: ${cause}`, fix, evidence),
        );
        const current = numberOf(at(scaler, 'status', 'currentReplicas'), 0);
        const max = numberOf(at(scaler, 'spec', 'maxReplicas'), 0);
        const isLimited = conditionOf(scaler, 'ScalingLimited')?.reason === 'TooManyReplicas';
        if (!isLimited || current < max) return problems;
        const fix = 'Raise maxReplicas if the nodes have room, or find out what uses so much.';
        return [...problems, warningOf('hpa/limit', ref, `is at its maximum of ${max} and wants more`, fix)];
      }),
    };
  },
};

function figuresText(known: number, all: number): string {
  const have = `${countOf(known, 'HPA')} ${known === 1 ? 'has' : 'have'} figures to scale by`;
  return known === all ? have : `${have}, ${all - known} ${all - known === 1 ? 'waits' : 'wait'} for the first ones`;
}
