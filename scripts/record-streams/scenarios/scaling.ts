import { at, objectOf } from '../../../src/model/json.ts';
import { deployment, name, object } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import { hasCondition, type Stage } from '../stage.ts';

const target = { apiVersion: 'apps/v1', kind: 'Deployment', name };
const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } };
const scaler = object('autoscaling/v2', 'HorizontalPodAutoscaler', {
  scaleTargetRef: target,
  minReplicas: 2,
  maxReplicas: 6,
  metrics: [cpu],
});
const lost = { ...scaler, spec: { ...objectOf(scaler.spec), scaleTargetRef: { ...target, name: 'apo' } } };
const requests = { container: { resources: { requests: { cpu: '100m' } } } };

/** It has found its target, a while ago. */
async function scaledBefore(stage: Stage): Promise<void> {
  await stage.apply(deployment(requests));
  await stage.apply(scaler);
  await stage.until(scaler, (live) => hasCondition(live, 'AbleToScale'));
  await stage.seconds(1);
}

export const scalerScenarios: readonly Scenario[] = [
  {
    id: 'horizontal-pod-autoscaler/ready-figures',
    shows: 'It finds its target and the figures of its pods.',
    manifests: [scaler, deployment(requests)],
  },
  {
    id: 'horizontal-pod-autoscaler/ready-no-figures',
    shows: 'The pods request no CPU: it has nothing to scale by, which holds nothing up.',
    manifests: [scaler, deployment({})],
  },
  {
    id: 'horizontal-pod-autoscaler/ready-target-comes',
    shows: 'Its target comes 6 s after it.',
    manifests: [scaler],
    meanwhile: async (stage) => {
      await stage.seconds(6);
      await stage.apply(deployment(requests));
    },
  },
  {
    id: 'horizontal-pod-autoscaler/ready-zero-replicas',
    shows: 'Its target has zero replicas: it is off.',
    manifests: [scaler, deployment(requests, { replicas: 0 })],
  },
  {
    id: 'horizontal-pod-autoscaler/ready-changed',
    shows: 'It was there, and may scale further now: its target is the same.',
    before: scaledBefore,
    manifests: [{ ...scaler, spec: { ...objectOf(scaler.spec), maxReplicas: 9 } }, deployment(requests)],
    also: [{ apiVersion: 'apps/v1', kind: 'Deployment' }],
  },
  {
    id: 'horizontal-pod-autoscaler/failed-changed',
    shows: 'It was there, and gets another target, with a typo.',
    before: scaledBefore,
    manifests: [lost, deployment(requests)],
  },
  {
    id: 'horizontal-pod-autoscaler/progressing-no-target',
    shows: 'Its target is not there, for 20 s.',
    manifests: [scaler],
    seconds: 20,
  },
  {
    id: 'horizontal-pod-autoscaler/failed-no-target',
    shows: 'Its target is not there, for 30 s: the manifest has a typo.',
    manifests: [lost, deployment(requests)],
  },
];

const budget = object('policy/v1', 'PodDisruptionBudget', {
  maxUnavailable: 1,
  selector: { matchLabels: { app: name } },
});
const strict = { ...budget, spec: { maxUnavailable: 0, selector: { matchLabels: { app: name } } } };

export const budgetScenarios: readonly Scenario[] = [
  {
    id: 'pod-disruption-budget/ready-first-deploy',
    shows: 'The pods that it protects come with it.',
    manifests: [budget, deployment({})],
  },
  {
    id: 'pod-disruption-budget/ready-blocks',
    shows: 'It comes to allow no disruption at all: a warning.',
    before: async (stage) => {
      await stage.apply(budget);
      await stage.apply(deployment({}));
      await stage.until(budget, (live) => at(live, 'status', 'currentHealthy') === 2);
    },
    manifests: [strict],
  },
  {
    id: 'pod-disruption-budget/ready-controllers-restart',
    shows: 'Its controller sees it after 3 s.',
    manifests: [budget],
    before: (stage) => {
      // It stays away until the wait has begun.
      stage.stopControllers(4).catch(() => undefined);
      return stage.seconds(1);
    },
    alone: true,
  },
  {
    id: 'pod-disruption-budget/progressing-controllers-away',
    shows: 'Its controller is away.',
    manifests: [budget],
    before: (stage) => {
      stage.stopControllers(6).catch(() => undefined);
      return stage.seconds(1);
    },
    seconds: 3,
    alone: true,
  },
];
