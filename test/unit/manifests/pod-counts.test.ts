import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podCounts } from '../../../src/manifests/pod-counts.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import { type KubernetesObject, refKey, refOf } from '../../../src/model/object.ts';
import { manifest } from './helpers.ts';

const workload = (kind: string, spec: JsonObject, more: JsonObject = {}): KubernetesObject => ({
  apiVersion: kind === 'Job' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name: 'web', namespace: 'shop' },
  spec,
  ...more,
});
const deployment = (spec: JsonObject): KubernetesObject => workload('Deployment', spec);
const scaler: KubernetesObject = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { minReplicas: 3, maxReplicas: 10, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
};
const rolling = (maxSurge: string | number, maxUnavailable: string | number): JsonObject => ({
  strategy: { rollingUpdate: { maxSurge, maxUnavailable } },
});

interface Given {
  readonly live?: KubernetesObject;
  readonly scaler?: KubernetesObject;
  readonly replaced?: boolean;
}

const cases: readonly (readonly [string, KubernetesObject, Given, first: number, most: number])[] = [
  ['new, 25 % surge rounded up', deployment({ replicas: 5 }), {}, 5, 7],
  ['no replicas said', deployment({}), {}, 1, 2],
  ['Recreate', deployment({ replicas: 4, strategy: { type: 'Recreate' } }), {}, 4, 4],
  ['an HPA: its minimum first', deployment({}), { scaler }, 3, 13],
  ['an HPA: the live scale', deployment({}), { scaler, live: deployment({ replicas: 7 }) }, 7, 13],
  ['an HPA at zero', deployment({}), { scaler, live: deployment({ replicas: 0 }) }, 0, 13],
  ['replaced, none may be missing', deployment({ replicas: 2, ...rolling(1, 0) }), { replaced: true }, 3, 3],
  ['replaced, one may be missing', deployment({ replicas: 2, ...rolling(1, 1) }), { replaced: true }, 2, 3],
  ['replaced, without surge', deployment({ replicas: 2, ...rolling(0, 1) }), { replaced: true }, 2, 2],
  ['a StatefulSet', workload('StatefulSet', { replicas: 3 }), { replaced: true }, 3, 3],
  ['a Job', workload('Job', { parallelism: 4 }), {}, 4, 4],
  ['a Job that is over', workload('Job', {}), { live: workload('Job', {}, { status: { completionTime: 'x' } }) }, 0, 0],
  [
    'a DaemonSet that runs',
    workload('DaemonSet', {}),
    { live: workload('DaemonSet', {}, { status: { desiredNumberScheduled: 3 } }) },
    3,
    3,
  ],
];

for (const [title, body, { live, scaler: hpa, replaced = false }, first, most] of cases) {
  test(`pods of a plan: ${title}`, () => {
    const key = refKey(refOf(body));
    const declared = [manifest(body), ...(hpa === undefined ? [] : [manifest(hpa)])];
    const ahead = {
      live: new Map(live === undefined ? [] : [[key, live]]),
      replaced: new Set(replaced ? [key] : []),
    };
    assert.deepEqual(podCounts(manifest(body), declared, ahead), { first, most });
  });
}
