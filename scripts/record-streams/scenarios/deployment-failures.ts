import { untilPlaced, waits } from '../kubelet.ts';
import { deployment, image, name, object, quota } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import { deployed } from './deployment.ts';

const unprobed = { probe: false } as const;
const zoned = { spec: { nodeSelector: { disk: 'ssd' } } };
const refusal = `rpc error: code = Unknown desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": pull access denied, repository does not exist or may require authorization`;

/** What can't get ready. */
export const failures: readonly Scenario[] = [
  {
    id: 'deployment/failed-image-not-found',
    shows: 'The image is not in its registry.',
    manifests: [deployment({ behavior: 'image-not-found' })],
  },
  {
    id: 'deployment/failed-pull-denied',
    shows: 'The registry refuses to hand out the image, for a minute.',
    manifests: [deployment({ behavior: 'manual' }, { replicas: 1 })],
    meanwhile: async (stage) => {
      const pod = await untilPlaced(stage);
      for (const seconds of [10, 20, 40]) {
        await stage.status(pod, waits(pod, 'ErrImagePull', refusal, stage.now()));
        const failed = { message: `Failed to pull image "${image}": ${refusal}`, reason: 'Failed' };
        await stage.report(pod, { type: 'Warning', ...failed, by: 'kubelet', field: `spec.containers{${name}}` });
        await stage.seconds(1);
        const message = `Back-off pulling image "${image}": ErrImagePull: ${refusal}`;
        await stage.status(pod, waits(pod, 'ImagePullBackOff', message, stage.now()));
        await stage.seconds(seconds - 1);
      }
    },
  },
  {
    id: 'deployment/failed-crash',
    shows: 'The container ends with an error again and again.',
    manifests: [deployment({ behavior: 'crash' }, { replicas: 1 })],
  },
  {
    id: 'deployment/failed-late-crash',
    shows: 'The container runs for 5 s before it ends with an error, again and again.',
    manifests: [deployment({ behavior: 'late-crash', ...unprobed }, { replicas: 1 })],
  },
  {
    id: 'deployment/failed-rollout-crash',
    shows: 'Version 1.4.2 crashes; the pods of 1.4.1 go on.',
    before: deployed(deployment({ version: '1.4.1' })),
    manifests: [deployment({ behavior: 'crash' })],
  },
  {
    id: 'deployment/failed-init-crash',
    shows: 'The init container ends with an error again and again.',
    manifests: [
      deployment(
        {
          behavior: 'init-crash',
          spec: { initContainers: [{ name: 'migrate', image: 'registry.example.com/migrate:1.4.2' }] },
        },
        { replicas: 1 },
      ),
    ],
  },
  {
    id: 'deployment/failed-oom',
    shows: 'The container is killed for its memory, twice.',
    manifests: [
      deployment({ behavior: 'oom', container: { resources: { limits: { memory: '64Mi' } } } }, { replicas: 1 }),
    ],
  },
  {
    id: 'deployment/failed-missing-key',
    shows: 'The container refers to a key that its ConfigMap lacks.',
    manifests: [
      deployment(
        {
          behavior: 'missing-config-key',
          container: {
            env: [{ name: 'REDIS', valueFrom: { configMapKeyRef: { name: 'settings', key: 'redis_endpoint' } } }],
          },
        },
        { replicas: 1 },
      ),
    ],
  },
  {
    id: 'deployment/failed-start-error',
    shows: 'The program of the container is not in its image.',
    manifests: [deployment({ behavior: 'start-error' }, { replicas: 1 })],
  },
  {
    id: 'deployment/failed-quota',
    shows: 'A quota refuses one of two pods for 30 s.',
    before: (stage) => stage.apply(quota(1)),
    manifests: [deployment({})],
  },
  {
    id: 'deployment/failed-no-service-account',
    shows: 'Its ServiceAccount does not exist.',
    manifests: [deployment({ spec: { serviceAccountName: 'api' } }, { replicas: 1 })],
  },
  {
    id: 'deployment/failed-pod-security',
    shows: 'The namespace lets restricted pods in only.',
    before: (stage) =>
      stage.change(object('v1', 'Namespace', undefined, { name: stage.namespace }), {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      }),
    manifests: [deployment({}, { replicas: 1 })],
  },
  {
    id: 'deployment/failed-deadline',
    shows: 'The pods do not get ready within the progress deadline of 5 s.',
    manifests: [deployment({ behavior: 'never-ready' }, { replicas: 1, progressDeadlineSeconds: 5 })],
  },
  {
    id: 'deployment/failed-unschedulable',
    shows: 'No node takes the pod for a minute.',
    manifests: [deployment(zoned, { replicas: 1 })],
  },
];
