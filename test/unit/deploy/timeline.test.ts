import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordTimeline } from '../../../src/deploy/timeline.ts';
import type { DeployEvent } from '../../../src/events.ts';
import type { ObjectRef } from '../../../src/model/object.ts';

const startMs = Date.parse('2026-01-01T10:00:00.000Z');

function ref(kind: string, name: string): ObjectRef {
  return { apiVersion: 'apps/v1', kind, namespace: 'shop', name };
}

/** A timeline of these events, each at so many milliseconds since the beginning. */
function heard(events: readonly (readonly [number, DeployEvent])[]): ReturnType<typeof recordTimeline> {
  let now = startMs;
  const recorder = recordTimeline(() => now);
  for (const [ms, event] of events) {
    now = startMs + ms;
    recorder.hear(event);
  }
  return recorder;
}

const wave = (number: number, name: string): DeployEvent => ({ type: 'wave', number, name, objects: 1 });
const applied = (object: ObjectRef): DeployEvent => ({ type: 'applied', object, op: 'create', elapsedMs: 1 });
const ready = (object: ObjectRef): DeployEvent => ({ type: 'ready', object, detail: '', elapsedMs: 1 });
const [config, web, old] = [ref('ConfigMap', 'c'), ref('Deployment', 'web'), ref('Deployment', 'old')];

test('waves last until their objects are applied, objects until they are ready; a failure is the last word or none', () => {
  const { waves, objects, ended } = heard([
    [100, wave(2, 'config')],
    [200, applied(config)],
    [300, wave(4, 'workloads')],
    [400, applied(web)],
    [500, { type: 'failing', object: web, why: 'x', elapsedMs: 1 }],
    [600, ready(old)],
    [900, ready(web)],
    [950, { type: 'failing', object: old, why: 'x', elapsedMs: 1 }],
  ]).timeline();
  const at = (ms: number): string => new Date(startMs + ms).toISOString();
  assert.deepEqual(waves, [
    { number: 2, name: 'config', objects: 1, started: at(100), ended: at(200) },
    { number: 4, name: 'workloads', objects: 1, started: at(300), ended: at(400) },
  ]);
  assert.deepEqual(objects, [
    { object: config, op: 'create', wave: 0, applied: at(200) },
    { object: web, op: 'create', wave: 1, applied: at(400), ready: at(900) },
    { object: old, op: 'unchanged', failed: true },
  ]);
  assert.equal(ended, at(950));
});

test('all times are put on the clock of what was seen in the cluster', () => {
  const pod = { workload: web, name: 'web-1', restarts: 0 };
  const { started, ended, pods } = heard([
    [1000, { type: 'pods', seen: '2026-01-01T10:05:01.000Z', pods: [{ ...pod, restarts: 1 }] }],
    [2000, { type: 'pods', seen: '2026-01-01T10:05:02.000Z', pods: [pod] }],
  ]).timeline();
  assert.deepEqual([started, ended], ['2026-01-01T10:05:00.000Z', '2026-01-01T10:05:02.000Z']);
  assert.deepEqual(pods, [pod], 'a pod is told once, as it was seen last');
});

test('of many objects and pods 300 are kept, what was waited for first, and the rest is counted', () => {
  const many = Array.from({ length: 400 }, (_, index) => ref('ConfigMap', `c${index}`));
  const pods = Array.from({ length: 310 }, (_, index) => ({ workload: web, name: `web-${index}`, restarts: 0 }));
  const {
    objects,
    omitted,
    pods: kept,
  } = heard([
    [0, wave(2, 'config')],
    ...many.map((object) => [1, applied(object)] as const),
    [2, ready(web)],
    [3, { type: 'pods', seen: new Date(startMs).toISOString(), pods }],
  ]).timeline();
  assert.deepEqual([objects.length, kept.length], [300, 300]);
  assert.deepEqual(omitted, { objects: 101, pods: 10 });
  assert.equal(objects.at(-1)?.object, web);
});
