import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containersOf } from '../../../../src/kinds/pods/containers.ts';
import { crashSignals } from '../../../../src/kinds/pods/crash.ts';
import { judge, remember } from '../../../../src/kinds/pods/signal.ts';
import type { KubernetesObject } from '../../../../src/model/object.ts';
import type { Sightings } from '../../../../src/model/readiness.ts';
import { worldOf } from '../../../../src/model/world.ts';

const startMs = Date.parse('2026-01-01T00:00:00Z');
const time = (second: number): string => new Date(startMs + second * 1000).toISOString();

/** What a kubelet says of a container with a readiness probe, so many seconds after the start. */
interface Seen {
  readonly second: number;
  readonly restarts: number;
  /** Of the run that ended last. */
  readonly exitCode?: number;
  readonly state: 'running' | 'ready' | 'backing off';
}

function podOf({ second, restarts, exitCode, state }: Seen): KubernetesObject {
  const last = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    finishedAt: time(second),
    containerID: `containerd://${state === 'backing off' ? restarts : restarts - 1}`,
  };
  const now =
    state === 'backing off' ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: { startedAt: time(second) } };
  const status = {
    name: 'web',
    ready: state === 'ready',
    restartCount: restarts,
    state: now,
    lastState: exitCode === undefined ? {} : { terminated: last },
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace: 'shop', uid: '1', creationTimestamp: time(0) },
    spec: { containers: [{ name: 'web', readinessProbe: { httpGet: { path: '/ready', port: 80 } } }] },
    status: { containerStatuses: [status] },
  };
}

/** After each of these sights: nothing, a problem, or a certain one. */
function verdicts(sights: readonly Seen[]): readonly string[] {
  let sightings: Sightings = new Map();
  return sights.map((seen) => {
    const pod = podOf(seen);
    const world = worldOf([pod], startMs + seen.second * 1000);
    const moment = { sinceMs: startMs, isChanged: true, sightings };
    const signals = containersOf(pod).flatMap((container) => crashSignals(container, world, moment));
    sightings = remember(sightings, signals, world.nowMs);
    const problems = signals.flatMap((signal) => judge(signal, { ...moment, sightings }, world.nowMs) ?? []);
    return problems.length === 0 ? '' : problems.some(({ certain }) => certain) ? 'certain' : 'said';
  });
}

test('a container that a probe ends, and that obeys: certain when the third run has ended', () => {
  // As a kubelet reported it: the ends without an error count once it backs off.
  const sights: readonly Seen[] = [
    { second: 3, restarts: 0, state: 'running' },
    { second: 4, restarts: 0, state: 'ready' },
    { second: 5, restarts: 1, exitCode: 0, state: 'running' },
    { second: 5, restarts: 1, exitCode: 0, state: 'ready' },
    { second: 7, restarts: 2, exitCode: 0, state: 'running' },
    { second: 7, restarts: 2, exitCode: 0, state: 'ready' },
    { second: 10, restarts: 2, exitCode: 0, state: 'backing off' },
  ];
  assert.deepEqual(verdicts(sights), ['', '', '', '', '', '', 'certain']);
});

test('a container that ends twice without an error and goes on is no failure', () => {
  const sights: readonly Seen[] = [
    { second: 5, restarts: 1, exitCode: 0, state: 'running' },
    { second: 7, restarts: 2, exitCode: 0, state: 'running' },
    { second: 8, restarts: 2, exitCode: 0, state: 'ready' },
  ];
  assert.deepEqual(verdicts(sights), ['', '', '']);
});

test('a container that ends with an error is said at once, and certain by the third', () => {
  const sights: readonly Seen[] = [
    { second: 5, restarts: 1, exitCode: 1, state: 'running' },
    { second: 7, restarts: 1, exitCode: 1, state: 'backing off' },
    { second: 20, restarts: 2, exitCode: 1, state: 'backing off' },
  ];
  assert.deepEqual(verdicts(sights), ['said', 'said', 'certain']);
});
