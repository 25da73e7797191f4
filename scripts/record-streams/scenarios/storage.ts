import { at, type JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../../src/model/object.ts';
import { object } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

function claim(spec: JsonObject, metadata: ObjectMeta = {}): KubernetesObject {
  const resources = { requests: { storage: '10Gi' } };
  return object('v1', 'PersistentVolumeClaim', { accessModes: ['ReadWriteOnce'], resources, ...spec }, metadata);
}

function volume(stage: Stage, storageClassName: string): KubernetesObject {
  const name = `volume-${stage.namespace}`;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: stage.namespace, name: 'api' };
  const spec = {
    capacity: { storage: '10Gi' },
    accessModes: ['ReadWriteOnce'],
    persistentVolumeReclaimPolicy: 'Retain',
    csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-0123456789abcdef0' },
  };
  return object('v1', 'PersistentVolume', { ...spec, storageClassName, claimRef }, { name });
}

const fast = claim({ storageClassName: 'at-once' });

/** What the EBS CSI driver says; none runs in the sandbox. */
const refusal = {
  type: 'Warning',
  reason: 'ProvisioningFailed',
  message:
    'failed to provision volume with StorageClass "at-once": rpc error: code = Internal desc = Could not create volume: UnauthorizedOperation: You are not authorized to perform this operation.',
  by: 'ebs.csi.aws.com',
} as const;

export const claimScenarios: readonly Scenario[] = [
  {
    id: 'persistent-volume-claim/ready-first-consumer',
    shows: 'Its StorageClass waits for the first pod.',
    manifests: [claim({ storageClassName: 'gp3' })],
  },
  {
    id: 'persistent-volume-claim/ready-default-class',
    shows: 'It names no StorageClass: the default one waits for the first pod.',
    manifests: [claim({})],
  },
  {
    id: 'persistent-volume-claim/ready-bound',
    shows: 'The volume that is meant for it is bound.',
    before: (stage) => stage.apply(volume(stage, 'by-hand')),
    manifests: [claim({ storageClassName: 'by-hand' })],
  },
  {
    id: 'persistent-volume-claim/ready-after-refusals',
    shows: 'The driver may not make a volume at first, and has made it after 10 s.',
    manifests: [fast],
    meanwhile: async (stage) => {
      for (const seconds of [1, 2, 4]) {
        await stage.seconds(seconds);
        await stage.report(fast, refusal);
      }
      await stage.seconds(3);
      await stage.apply(volume(stage, 'at-once'));
    },
  },
  {
    id: 'persistent-volume-claim/progressing-provisioning',
    shows: 'The driver has not made the volume yet.',
    manifests: [fast],
    seconds: 8,
  },
  {
    id: 'persistent-volume-claim/progressing-refused',
    shows: 'The driver may not make a volume: it is said, and waited for.',
    manifests: [fast],
    meanwhile: async (stage) => {
      for (const seconds of [1, 2, 4, 8, 16]) {
        await stage.seconds(seconds);
        await stage.report(fast, refusal);
      }
    },
    seconds: 35,
  },
  {
    id: 'persistent-volume-claim/failed-lost',
    shows: 'It comes from a backup, bound to a volume that is not there any more.',
    manifests: [
      claim(
        { storageClassName: 'at-once', volumeName: 'pvc-from-backup' },
        {
          annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
        },
      ),
    ],
  },
  {
    id: 'persistent-volume-claim/failed-lost-before',
    shows: 'Its volume was deleted before this deploy.',
    before: async (stage) => {
      const own = volume(stage, 'by-hand');
      const bound = claim({ storageClassName: 'by-hand' });
      await stage.apply(own);
      await stage.apply(bound);
      await stage.until(bound, (live) => at(live, 'status', 'phase') === 'Bound');
      await stage.remove(own);
      await stage.change(own, { metadata: { finalizers: null } });
      await stage.until(bound, (live) => at(live, 'status', 'phase') === 'Lost');
    },
    manifests: [claim({ storageClassName: 'by-hand' })],
  },
];
