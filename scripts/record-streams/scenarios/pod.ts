import { image, name, pod } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import { hasCondition } from '../stage.ts';

const zoned = { spec: { nodeSelector: { disk: 'ssd' } } };

export const podScenarios: readonly Scenario[] = [
  {
    id: 'pod/ready-probed',
    shows: 'It passes its readiness probe.',
    manifests: [pod({})],
  },
  {
    id: 'pod/ready-soak',
    shows: 'Nothing probes it: it must run for 10 s first.',
    manifests: [pod({ probe: false })],
  },
  {
    id: 'pod/ready-ended',
    shows: 'It has an end, and has come to it after 3 s.',
    manifests: [pod({ behavior: 'manual', probe: false, spec: { restartPolicy: 'Never' } })],
    meanwhile: async (stage) => {
      const own = pod({});
      await stage.until(own, (live) => hasCondition(live, 'PodScheduled'));
      const startedAt = stage.now();
      const container = {
        name,
        image,
        imageID: '',
        restartCount: 0,
        ready: false,
      };
      await stage.status(own, {
        phase: 'Running',
        containerStatuses: [{ ...container, state: { running: { startedAt } } }],
      });
      await stage.seconds(3);
      const terminated = { exitCode: 0, reason: 'Completed', startedAt, finishedAt: stage.now() };
      await stage.status(own, { phase: 'Succeeded', containerStatuses: [{ ...container, state: { terminated } }] });
    },
  },
  {
    id: 'pod/ready-pull-recovers',
    shows: 'The registry cannot be reached at the first try to pull.',
    manifests: [pod({ behavior: 'pull-recovers' })],
  },
  {
    id: 'pod/progressing-slow',
    shows: 'It runs and has not passed its readiness probe yet.',
    manifests: [pod({ behavior: 'slow-ready' })],
    seconds: 8,
  },
  {
    id: 'pod/progressing-unschedulable',
    shows: 'No node takes it for 20 s.',
    manifests: [pod(zoned)],
    seconds: 20,
  },
  {
    id: 'pod/progressing-restart-once',
    shows: 'Its container has ended with an error once, and runs again for less than 10 s.',
    manifests: [pod({ behavior: 'restart-once', probe: false })],
    seconds: 9,
  },
  {
    id: 'pod/failed-ended',
    shows: 'Its container ends with an error and is not started again.',
    manifests: [pod({ behavior: 'crash', spec: { restartPolicy: 'Never' } })],
  },
  {
    id: 'pod/failed-image-name',
    shows: 'The name of its image still has a placeholder in it.',
    manifests: [pod({ behavior: 'manual', version: '<TAG>' })],
    meanwhile: async (stage) => {
      const own = pod({});
      await stage.until(own, (live) => hasCondition(live, 'PodScheduled'));
      const wrong = `registry.example.com/${name}:<TAG>`;
      const message = `Failed to apply default image tag "${wrong}": couldn't parse image name "${wrong}": invalid reference format`;
      const state = { waiting: { reason: 'InvalidImageName', message } };
      await stage.status(own, {
        phase: 'Pending',
        containerStatuses: [{ name, image: wrong, imageID: '', restartCount: 0, ready: false, state }],
      });
    },
  },
  {
    id: 'pod/failed-crash',
    shows: 'Its container ends with an error again and again.',
    manifests: [pod({ behavior: 'crash' })],
  },
];
