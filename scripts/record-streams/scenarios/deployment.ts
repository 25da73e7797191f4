import { at } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { deployment, quota } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import { hasCondition, type Stage } from '../stage.ts';

const unprobed = { probe: false } as const;
const zoned = { spec: { nodeSelector: { disk: 'ssd' } } };

/** An earlier deploy whose pods are all ready. */
export function deployed(earlier: KubernetesObject): (stage: Stage) => Promise<void> {
  return async (stage) => {
    await stage.apply(earlier);
    const wanted = at(earlier, 'spec', 'replicas');
    await stage.until(earlier, (live) => at(live, 'status', 'availableReplicas') === wanted);
  };
}

/** What gets ready without any trouble. */
export const rollouts: readonly Scenario[] = [
  {
    id: 'deployment/ready-first-deploy',
    shows: 'Two pods start and pass their readiness probe.',
    manifests: [deployment({})],
  },
  {
    id: 'deployment/ready-rollout',
    shows: 'The two pods of version 1.4.1 are replaced, one after the other.',
    before: deployed(deployment({ version: '1.4.1' })),
    manifests: [deployment({})],
  },
  {
    id: 'deployment/ready-soak',
    shows: 'Nothing probes the pods: they must run for 10 s first.',
    manifests: [deployment(unprobed)],
  },
  {
    id: 'deployment/ready-min-ready-seconds',
    shows: 'The pods must stay ready for 4 s, as the manifest says.',
    manifests: [deployment(unprobed, { minReadySeconds: 4 })],
  },
  {
    id: 'deployment/ready-slow',
    shows: 'The pods pass their readiness probe after 10 s.',
    manifests: [deployment({ behavior: 'slow-ready' })],
  },
  {
    id: 'deployment/ready-zero-replicas',
    shows: 'Two pods are replaced by none.',
    before: deployed(deployment({})),
    manifests: [deployment({}, { replicas: 0 })],
  },
  {
    id: 'deployment/ready-scaled-meanwhile',
    shows: 'An HPA asks for a third pod while the first two start.',
    manifests: [deployment({ behavior: 'slow-ready' })],
    meanwhile: async (stage) => {
      await stage.seconds(4);
      await stage.change(deployment({}), { spec: { replicas: 3 } });
    },
  },
  {
    id: 'deployment/ready-pod-evicted',
    shows: 'A node evicts one of the pods that start; its ReplicaSet makes another one.',
    manifests: [deployment({ behavior: 'slow-ready' })],
    meanwhile: async (stage) => {
      await stage.seconds(4);
      const [first] = await stage.untilPods((pods) => pods.length > 0);
      if (first !== undefined) {
        const message = 'The node was low on resource: memory.';
        await stage.status(first, { phase: 'Failed', reason: 'Evicted', message });
      }
    },
  },
];

/** What is waited for. */
export const progressing: readonly Scenario[] = [
  {
    id: 'deployment/progressing-slow',
    shows: 'The pods run and have not passed their readiness probe yet.',
    manifests: [deployment({ behavior: 'slow-ready' })],
    seconds: 8,
  },
  {
    id: 'deployment/progressing-restart-once',
    shows: 'The container has ended with an error once, and runs again for less than 10 s.',
    manifests: [deployment({ behavior: 'restart-once', ...unprobed }, { replicas: 1 })],
    seconds: 9,
  },
  {
    id: 'deployment/progressing-pull-trouble',
    shows: 'The registry cannot be reached; the next try to pull has not come yet.',
    manifests: [deployment({ behavior: 'pull-recovers' })],
    seconds: 2.5,
  },
  {
    id: 'deployment/progressing-never-ready',
    shows: 'The readiness probe fails for 20 s: it is said, and waited for.',
    manifests: [deployment({ behavior: 'never-ready' }, { replicas: 1 })],
    seconds: 20,
  },
  {
    id: 'deployment/progressing-unschedulable',
    shows: 'No node takes the pods for 20 s.',
    manifests: [deployment(zoned)],
    seconds: 20,
  },
  {
    id: 'deployment/progressing-node-on-its-way',
    shows: 'No node takes the pod for 70 s, and the autoscaler says that one is on its way.',
    manifests: [deployment(zoned, { replicas: 1 })],
    meanwhile: async (stage) => {
      const [waiting] = await stage.untilPods((pods) => pods.some((pod) => hasCondition(pod, 'PodScheduled', 'False')));
      await stage.seconds(3);
      const message = 'pod triggered scale-up: [{eks-workers 3->4 (max: 6)}]';
      if (waiting !== undefined) {
        await stage.report(waiting, { type: 'Normal', reason: 'TriggeredScaleUp', message, by: 'cluster-autoscaler' });
      }
    },
    seconds: 70,
  },
  {
    id: 'deployment/progressing-quota',
    shows: 'A quota refuses one of two pods for 15 s.',
    before: (stage) => stage.apply(quota(1)),
    manifests: [deployment({})],
    seconds: 15,
  },
];
