import { conditionOf } from '../../kinds/replicas.ts';
import { arrayOf, at, stringOf, textOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { liveOf } from '../facts.ts';

/** Through it the API server finds the metrics API. */
export const metricsService = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  name: 'v1beta1.metrics.k8s.io',
};

/** The metrics API that HPAs on CPU and memory read. */
export const metricsApiCheck: Check = {
  id: 'hpa/metrics-api',
  summary: 'the metrics API is there, where an HPA needs it',
  commands: ['verify', 'doctor', 'preflight'],
  isMild: true,
  needs: ['APIService'],
  run(facts) {
    if (!liveOf(facts, 'HorizontalPodAutoscaler').some(readsResources)) return { passed: '', findings: [] };
    const fix = 'Install metrics-server (an EKS add-on): without it no HPA scales, and kubectl top is empty.';
    const live = facts.world.get(metricsService);
    if (live === undefined) {
      return {
        passed: '',
        findings: [problemOf('hpa/metrics-api', metricsService, 'is missing: there is no metrics API', fix)],
      };
    }
    const available = conditionOf(live, 'Available');
    if (available?.status === 'True') return { passed: 'the metrics API answers', findings: [] };
    const evidence = [`${stringOf(available?.reason) ?? ''}: ${stringOf(available?.message) ?? ''}`];
    return { passed: '', findings: [problemOf('hpa/metrics-api', refOf(live), 'is not available', fix, evidence)] };
  },
};

/** Whether an HPA goes by CPU or memory; without metrics it goes by CPU. */
export function readsResources(scaler: KubernetesObject): boolean {
  const metrics = arrayOf(at(scaler, 'spec', 'metrics'));
  return (
    metrics.length === 0 ||
    metrics.some((metric) => ['Resource', 'ContainerResource'].includes(textOf(at(metric, 'type'))))
  );
}
