import { arrayOf, at, numberOf } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { runs, untilPlaced, waits } from '../kubelet.ts';
import { deployment, quota } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import { hasCondition } from '../stage.ts';
import { deployed } from './deployment.ts';

const unprobed = { probe: false } as const;
const zoned = { spec: { nodeSelector: { disk: 'ssd' } } };
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-us-east-1a' } };

/** What goes wrong at first, or went wrong before. */
export const recoveries: readonly Scenario[] = [
  {
    id: 'deployment/ready-restart-once',
    shows: 'The container ends with an error once, and then runs.',
    manifests: [deployment({ behavior: 'restart-once', ...unprobed }, { replicas: 1 })],
  },
  {
    id: 'deployment/ready-pull-recovers',
    shows: 'The registry cannot be reached at the first try to pull.',
    manifests: [deployment({ behavior: 'pull-recovers' })],
  },
  {
    id: 'deployment/ready-node-comes',
    shows: 'No node takes the pods until one with the label comes, after 8 s.',
    manifests: [deployment(zoned)],
    meanwhile: async (stage) => {
      await stage.seconds(8);
      await stage.change(node, { metadata: { labels: { disk: 'ssd' } } });
      await stage.untilPods((pods) => pods.length === 2 && pods.every((pod) => hasCondition(pod, 'Ready')));
      await stage.change(node, { metadata: { labels: { disk: null } } });
    },
    // Its label lets the pods of the other scenarios run that wait for it in vain.
    alone: true,
  },
  {
    id: 'deployment/ready-quota-raised',
    shows: 'A quota lets one of two pods in, and is raised after 4 s.',
    before: (stage) => stage.apply(quota(1)),
    manifests: [deployment({})],
    meanwhile: async (stage) => {
      await stage.seconds(4);
      await stage.apply(quota(4));
    },
  },
  {
    id: 'deployment/ready-key-added',
    shows: 'The ConfigMap gets the key that a container refers to 5 s after its start.',
    manifests: [deployment({ behavior: 'manual' }, { replicas: 1 })],
    meanwhile: async (stage) => {
      const pod = await untilPlaced(stage);
      const message = `couldn't find key redis_endpoint in ConfigMap ${stage.namespace}/settings`;
      await stage.status(pod, waits(pod, 'CreateContainerConfigError', message, stage.now()));
      await stage.seconds(5);
      await stage.status(pod, runs(pod, stage.now()));
    },
  },
  {
    id: 'deployment/ready-mended',
    shows: 'The pod of version 1.4.1 crashes again and again; that of 1.4.2 runs.',
    before: async (stage) => {
      await stage.apply(deployment({ version: '1.4.1', behavior: 'crash' }, { replicas: 1 }));
      await stage.untilPods((pods) => pods.some((pod) => restartsOf(pod) >= 3));
    },
    manifests: [deployment({}, { replicas: 1 })],
  },
  {
    id: 'deployment/ready-after-deadline',
    shows: 'The progress deadline of an earlier deploy has passed; this one gets ready.',
    before: async (stage) => {
      await stage.apply(
        deployment({ version: '1.4.1', behavior: 'never-ready' }, { replicas: 1, progressDeadlineSeconds: 2 }),
      );
      await stage.until(deployment({}), (live) => hasCondition(live, 'Progressing', 'False'));
    },
    manifests: [deployment({}, { replicas: 1, progressDeadlineSeconds: 60 })],
  },
  {
    id: 'deployment/ready-deadline-before',
    shows: 'The progress deadline had passed before the deploy, which changes no pod; the pod gets ready after 3 s.',
    before: async (stage) => {
      await stage.apply(deployment({ behavior: 'manual' }, { replicas: 1, progressDeadlineSeconds: 2 }));
      await stage.until(deployment({}), (live) => hasCondition(live, 'Progressing', 'False'));
      // The API's times are cut to seconds: it must be another one.
      await stage.seconds(1);
    },
    manifests: [deployment({ behavior: 'manual' }, { replicas: 1, progressDeadlineSeconds: 60 })],
    meanwhile: async (stage) => {
      const pod = await untilPlaced(stage);
      await stage.seconds(3);
      await stage.status(pod, runs(pod, stage.now()));
    },
  },
  {
    id: 'deployment/ready-controllers-restart',
    shows: 'The controllers are away for 3 s when the change comes.',
    before: deployed(deployment({ version: '1.4.1' }, { replicas: 1 })),
    manifests: [deployment({}, { replicas: 1 })],
    meanwhile: (stage) => stage.stopControllers(3),
    alone: true,
  },
];

function restartsOf(pod: KubernetesObject): number {
  return numberOf(at(arrayOf(at(pod, 'status', 'containerStatuses'))[0], 'restartCount'), 0);
}
