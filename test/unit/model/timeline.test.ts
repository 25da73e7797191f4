import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { podTimesOf } from '../../../src/model/timeline.ts';

const workload = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };

function pod(spec: JsonObject, status: JsonObject): KubernetesObject {
  const metadata = { name: 'web-1', creationTimestamp: '2026-01-01T10:00:00Z' };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec, status };
}

const containers = [{ name: 'a' }, { name: 'b' }];

test('a ready pod has all its times: it started with the last of its containers', () => {
  const conditions = [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T10:00:01Z' },
    { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T10:00:09Z' },
  ];
  const containerStatuses = [
    { name: 'a', restartCount: 2, state: { running: { startedAt: '2026-01-01T10:00:07Z' } } },
    { name: 'b', restartCount: 1, state: { running: { startedAt: '2026-01-01T10:00:03Z' } } },
  ];
  assert.deepEqual(podTimesOf(pod({ nodeName: 'n1', containers }, { conditions, containerStatuses }), workload), {
    workload,
    name: 'web-1',
    node: 'n1',
    created: '2026-01-01T10:00:00Z',
    scheduled: '2026-01-01T10:00:01Z',
    started: '2026-01-01T10:00:07Z',
    ready: '2026-01-01T10:00:09Z',
    restarts: 3,
  });
});

test('what has not come, or is no time, is absent', () => {
  const bare = { workload, name: 'web-1', created: '2026-01-01T10:00:00Z', restarts: 0 };
  assert.deepEqual(podTimesOf(pod({ containers }, {}), workload), bare);
  const conditions = [
    { type: 'PodScheduled', status: 'True', lastTransitionTime: '<script>' },
    { type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T10:00:09Z' },
  ];
  // One of two containers still waits for its image.
  const containerStatuses = [
    { name: 'a', restartCount: 0, state: { running: { startedAt: '2026-01-01T10:00:07Z' } } },
    { name: 'b', restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } },
  ];
  assert.deepEqual(podTimesOf(pod({ containers }, { conditions, containerStatuses }), workload), bare);
});

test('a container in a back-off has started: its last run did', () => {
  const containerStatuses = [
    { name: 'a', restartCount: 4, lastState: { terminated: { startedAt: '2026-01-01T10:00:05Z' } }, state: {} },
  ];
  const times = podTimesOf(pod({ containers: [{ name: 'a' }] }, { containerStatuses }), workload);
  assert.deepEqual([times.started, times.restarts], ['2026-01-01T10:00:05Z', 4]);
});
