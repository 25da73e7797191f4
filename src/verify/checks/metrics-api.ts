import { conditionOf } from '../../kinds/replicas.ts';
import { stringOf } from '../../model/json.ts';
import { refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { liveOf } from '../facts.ts';

const service = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', name: 'v1beta1.metrics.k8s.io' };

/** The metrics API that HPAs on CPU and memory read. */
export const metricsApiCheck: Check = {
  id: 'hpa/metrics-api',
  summary: 'the metrics API is there, where an HPA needs it',
  commands: ['verify', 'doctor'],
  needs: ['APIService'],
  run(facts) {
    if (liveOf(facts, 'HorizontalPodAutoscaler').length === 0) return { passed: '', findings: [] };
    const fix = 'Install metrics-server (an EKS add-on): without it no HPA scales, and kubectl top is empty.';
    const live = facts.world.get(service);
    if (live === undefined) {
      return {
        passed: '',
        findings: [problemOf('hpa/metrics-api', service, 'is missing: there is no metrics API', fix)],
      };
    }
    const available = conditionOf(live, 'Available');
    if (available?.status === 'True') return { passed: 'the metrics API answers', findings: [] };
    const evidence = [`${stringOf(available?.reason) ?? ''}: ${stringOf(available?.message) ?? ''}`];
    return { passed: '', findings: [problemOf('hpa/metrics-api', refOf(live), 'is not available', fix, evidence)] };
  },
};
