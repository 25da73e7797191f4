import { arrayOf, at, type Json, numberOf, stringOf } from '../model/json.ts';
import { behaviorOf } from './behavior.ts';

/** One line of a container's log. */
export interface LogLine {
  readonly time: Date;
  readonly text: string;
}

/** A container's log as far as it is written, or the reason why there is none (the kubelet's own words). */
export type PodLog = { readonly lines: readonly LogLine[] } | { readonly refusal: string };

/** What a container of the sandbox has logged until `now`; `previous` is the instance before the last restart. */
export function logOf(pod: Json, container: string, previous: boolean, now: Date): PodLog {
  const name = stringOf(at(pod, 'metadata', 'name')) ?? '';
  const status = statusOf(pod, container);
  const restarts = numberOf(at(status, 'restartCount'), 0);
  if (previous && restarts === 0 && at(status, 'lastState', 'terminated') === undefined) {
    return { refusal: `previous terminated container "${container}" in pod "${name}" not found` };
  }
  const last = at(status, 'lastState', 'terminated');
  const current = at(status, 'state', 'running') ?? at(status, 'state', 'terminated');
  const run = previous ? last : (current ?? last);
  const started = stringOf(at(run, 'startedAt'));
  if (started === undefined) return { refusal: waiting(status, container, name) };
  const ended = stringOf(at(run, 'finishedAt'));
  return { lines: linesOf(pod, container, new Date(started), ended === undefined ? undefined : new Date(ended), now) };
}

function statusOf(pod: Json, container: string): Json | undefined {
  const all = [
    ...arrayOf(at(pod, 'status', 'containerStatuses')),
    ...arrayOf(at(pod, 'status', 'initContainerStatuses')),
  ];
  return all.find((status) => at(status, 'name') === container);
}

function waiting(status: Json | undefined, container: string, pod: string): string {
  const reason = stringOf(at(status, 'state', 'waiting', 'reason')) ?? 'ContainerCreating';
  const pull = reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
  const why = pull ? 'trying and failing to pull image' : reason;
  return `container "${container}" in pod "${pod}" is waiting to start: ${why}`;
}

const heartbeatMs = 10_000;
const maxHeartbeats = 200;

function linesOf(pod: Json, container: string, started: Date, ended: Date | undefined, now: Date): readonly LogLine[] {
  const behavior = behaviorOf(pod);
  const at = (offsetMs: number, text: string): LogLine => ({ time: new Date(started.getTime() + offsetMs), text });
  const head = [at(0, `info: ${container} is starting`), at(20, 'info: configuration loaded from environment')];
  if (ended !== undefined) return [...head, ...lastWords(behavior).map((text, index) => at(40 + index, text))];
  if (behavior === 'crash' || behavior === 'oom' || behavior === 'init-crash') return head;
  const ready = at(
    60,
    behavior === 'never-ready'
      ? 'warn: not ready: a dependency does not answer'
      : `info: ${container} is listening on port 80`,
  );
  const count = Math.floor((now.getTime() - started.getTime()) / heartbeatMs);
  const first = Math.max(1, count - maxHeartbeats);
  const beats = Array.from({ length: Math.max(0, count - first + 1) }, (_, index) =>
    at((first + index) * heartbeatMs, 'info: GET /health responded'),
  );
  return [...head, ready, ...beats];
}

/** What a container says before it ends. The kernel kills without a word: an OOM log just stops. */
function lastWords(behavior: string | undefined): readonly string[] {
  if (behavior === 'oom') return ['info: loading order book snapshots into memory'];
  if (behavior === 'crash') {
    return [
      'fail: connection to kafka brokers failed: authentication refused',
      'Unhandled exception. System.InvalidOperationException: the service cannot start without its brokers',
      '   at Sandbox.Program.Main(String[] args)',
    ];
  }
  if (behavior === 'init-crash') return ['fail: database migration failed: connection refused'];
  return ['info: done'];
}
