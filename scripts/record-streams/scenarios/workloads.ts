import { at } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { daemonSet, job, quota, statefulSet } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

/** An earlier deploy of version 1.4.1, whose pods are all ready. */
function deployed(earlier: KubernetesObject, count: 'availableReplicas' | 'numberAvailable', wanted: number) {
  return async (stage: Stage): Promise<void> => {
    await stage.apply(earlier);
    await stage.until(earlier, (live) => at(live, 'status', count) === wanted);
  };
}

export const statefulSetScenarios: readonly Scenario[] = [
  {
    id: 'stateful-set/ready-first-deploy',
    shows: 'Two pods start, one after the other.',
    manifests: [statefulSet({})],
  },
  {
    id: 'stateful-set/ready-rollout',
    shows: 'The two pods of version 1.4.1 are replaced, the last one first.',
    before: deployed(statefulSet({ version: '1.4.1' }), 'availableReplicas', 2),
    manifests: [statefulSet({})],
  },
  {
    id: 'stateful-set/ready-partition',
    shows: 'Only the pod above the partition is replaced.',
    before: deployed(statefulSet({ version: '1.4.1' }), 'availableReplicas', 2),
    manifests: [statefulSet({}, { updateStrategy: { rollingUpdate: { partition: 1 } } })],
  },
  {
    id: 'stateful-set/ready-soak',
    shows: 'Nothing probes the pod: it must run for 10 s first.',
    manifests: [statefulSet({ probe: false }, { replicas: 1 })],
  },
  {
    id: 'stateful-set/progressing-slow',
    shows: 'The first pod is not ready yet; the second one waits for it.',
    manifests: [statefulSet({ behavior: 'slow-ready' })],
    seconds: 8,
  },
  {
    id: 'stateful-set/progressing-pull-trouble',
    shows: 'The registry cannot be reached; the next try to pull has not come yet.',
    manifests: [statefulSet({ behavior: 'pull-recovers' })],
    seconds: 2.5,
  },
  {
    id: 'stateful-set/failed-image-not-found',
    shows: 'The image is not in its registry.',
    manifests: [statefulSet({ behavior: 'image-not-found' })],
  },
  {
    id: 'stateful-set/failed-rollout-crash',
    shows: 'The last pod gets version 1.4.2, which crashes; the first one stays at 1.4.1.',
    before: deployed(statefulSet({ version: '1.4.1' }), 'availableReplicas', 2),
    manifests: [statefulSet({ behavior: 'crash' })],
  },
  {
    id: 'stateful-set/failed-quota',
    shows: 'A quota lets one of two pods in, for 30 s.',
    before: (stage) => stage.apply(quota(1)),
    manifests: [statefulSet({})],
  },
];

export const daemonSetScenarios: readonly Scenario[] = [
  {
    id: 'daemon-set/ready-first-deploy',
    shows: 'A pod starts on each of three nodes.',
    manifests: [daemonSet({})],
  },
  {
    id: 'daemon-set/ready-rollout',
    shows: 'The pods of version 1.4.1 are replaced, node by node.',
    before: deployed(daemonSet({ version: '1.4.1' }), 'numberAvailable', 3),
    manifests: [daemonSet({})],
  },
  {
    id: 'daemon-set/ready-no-nodes',
    shows: 'No node has the label that it asks for.',
    manifests: [daemonSet({ spec: { nodeSelector: { disk: 'tape' } } })],
  },
  {
    id: 'daemon-set/progressing-slow',
    shows: 'The pods run and have not passed their readiness probe yet.',
    manifests: [daemonSet({ behavior: 'slow-ready' })],
    seconds: 8,
  },
  {
    id: 'daemon-set/progressing-soak',
    shows: 'Nothing probes the pods, and they have run for less than 10 s.',
    manifests: [daemonSet({ probe: false })],
    seconds: 7,
  },
  {
    id: 'daemon-set/failed-missing-key',
    shows: 'The container refers to a key that its ConfigMap lacks.',
    manifests: [daemonSet({ behavior: 'missing-config-key' })],
  },
  {
    id: 'daemon-set/failed-quota',
    shows: 'A quota refuses one of three pods for 30 s.',
    before: (stage) => stage.apply(quota(2)),
    manifests: [daemonSet({})],
  },
];

export const jobScenarios: readonly Scenario[] = [
  {
    id: 'job/ready-complete',
    shows: 'Two pods do their work, one after the other.',
    manifests: [job({}, { completions: 2 })],
  },
  {
    id: 'job/ready-second-try',
    shows: 'The container ends with an error, is started again, and then does its work.',
    manifests: [job({ behavior: 'restart-once', spec: { restartPolicy: 'OnFailure' } })],
  },
  {
    id: 'job/ready-suspended',
    shows: 'It is suspended, as the manifest says: nothing runs.',
    manifests: [job({}, { suspend: true })],
  },
  {
    id: 'job/progressing-running',
    shows: 'Its pod is at work.',
    manifests: [job({ behavior: 'slow-ready' })],
    seconds: 8,
  },
  {
    id: 'job/progressing-crash',
    shows: 'Its container crashes again and again, less often than backoffLimit allows.',
    manifests: [job({ behavior: 'crash', spec: { restartPolicy: 'OnFailure' } }, { backoffLimit: 6 })],
    seconds: 6,
  },
  {
    id: 'job/failed-backoff-limit',
    shows: 'Its pod fails, and so does the second one: backoffLimit is 1.',
    manifests: [job({ behavior: 'crash' }, { backoffLimit: 1 })],
  },
  {
    id: 'job/failed-deadline',
    shows: 'It runs for longer than activeDeadlineSeconds allows.',
    manifests: [job({ behavior: 'never-ready' }, { activeDeadlineSeconds: 4 })],
  },
  {
    id: 'job/failed-image-not-found',
    shows: 'The image is not in its registry.',
    manifests: [job({ behavior: 'image-not-found' })],
  },
  {
    id: 'job/failed-quota',
    shows: 'A quota refuses its pod for 30 s.',
    before: (stage) => stage.apply(quota(0)),
    manifests: [job({})],
  },
];
