import { arrayOf, at, type Json, numberOf, stringOf } from '../model/json.ts';
import { type Behavior, behaviorOf } from './behavior.ts';

/** One line of a container's log. */
export interface LogLine {
  readonly time: Date;
  readonly text: string;
}

/** A container's log as far as it is written, or the reason why there is none (the kubelet's own words). */
export type PodLog = WrittenLog | { readonly refusal: string };

interface WrittenLog {
  readonly lines: readonly LogLine[];
  /** When the run that wrote it began: tells runs apart. */
  readonly startedMs: number;
  readonly hasEnded: boolean;
}

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
  const state = previous ? last : (current ?? last);
  const started = stringOf(at(state, 'startedAt'));
  if (started === undefined) return { refusal: waiting(status, container, name) };
  const ended = stringOf(at(state, 'finishedAt'));
  const run: Run = {
    behavior: behaviorOf(pod),
    container,
    restarts,
    startedMs: Date.parse(started),
    lastMs: (ended === undefined ? now.getTime() : Date.parse(ended)) - Date.parse(started),
    end:
      ended === undefined
        ? undefined
        : { reason: stringOf(at(state, 'reason')) ?? '', code: numberOf(at(state, 'exitCode'), 0) },
  };
  return { lines: linesOf(run), startedMs: run.startedMs, hasEnded: ended !== undefined };
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

/** One run of a container. */
interface Run {
  readonly behavior: Behavior | undefined;
  readonly container: string;
  /** The restarts of the container until now. */
  readonly restarts: number;
  readonly startedMs: number;
  /** How long it has run until now, or did until its end. */
  readonly lastMs: number;
  readonly end: { readonly reason: string; readonly code: number } | undefined;
}

const heartbeatMs = 10_000;
const maxHeartbeats = 200;
/** When the probe of `unready-later` begins to fail: see kwok/pod-unready.yaml. */
const unreadyAfterMs = 4_000;

function linesOf(run: Run): readonly LogLine[] {
  const { behavior, container, startedMs, lastMs, end } = run;
  // The runtime has opened its log, and nothing ever wrote to it.
  if (end?.reason === 'StartError') return [];
  const at = (offsetMs: number, text: string): LogLine => ({ time: new Date(startedMs + offsetMs), text });
  const head = [at(0, `info: ${container} is starting`), at(20, 'info: configuration loaded from environment')];
  const isUnready = behavior === 'never-ready';
  const ready = at(60, isUnready ? `warn: not ready: ${complaint}` : `info: ${container} is listening on port 80`);
  const isLate = behavior === 'unready-later' && lastMs >= unreadyAfterMs;
  const late = isLate ? [at(unreadyAfterMs, `warn: not ready any more: ${complaint}`)] : [];
  const served = servesRequests(run) ? [ready, ...late, ...heartbeats(lastMs).map((ms) => at(ms, heartbeat))] : [];
  // The times in a status are whole seconds: the last words must still come after the first.
  const endMs = Math.max(80, lastMs - 20);
  const words = end === undefined ? [] : lastWordsOf(behavior, end.code).map((text, index) => at(endMs + index, text));
  return [...head, ...served, ...words];
}

const complaint = 'a dependency does not answer';
const heartbeat = 'info: GET /health responded';

/** Containers that crash early never listen, and those of a Job have nothing to listen for. */
function servesRequests({ behavior, restarts, end }: Run): boolean {
  if (behavior === 'crash' || behavior === 'oom' || behavior === 'init-crash') return false;
  if (behavior === 'restart-once') return end === undefined && restarts > 0;
  return end === undefined || end.code !== 0;
}

function heartbeats(untilMs: number): readonly number[] {
  const count = Math.floor(untilMs / heartbeatMs);
  const first = Math.max(1, count - maxHeartbeats);
  return Array.from({ length: Math.max(0, count - first + 1) }, (_, index) => (first + index) * heartbeatMs);
}

/** What a container says before it ends. The kernel kills without a word: an OOM log just stops. */
const lastWords: Readonly<Partial<Record<Behavior, readonly string[]>>> = {
  oom: ['info: loading order book snapshots into memory'],
  crash: [
    'fail: connection to kafka brokers failed: authentication refused',
    'Unhandled exception. System.InvalidOperationException: the service cannot start without its brokers',
    '   at Sandbox.Program.Main(String[] args)',
  ],
  'late-crash': [
    'fail: connection to redis lost: the node does not answer any more',
    'Unhandled exception. System.TimeoutException: the position cache did not answer within 3 s',
    '   at Sandbox.Program.Main(String[] args)',
  ],
  'restart-once': ['fail: redis does not answer yet: connection refused'],
  'init-crash': ['fail: database migration failed: connection refused'],
};

function lastWordsOf(behavior: Behavior | undefined, exitCode: number): readonly string[] {
  if (exitCode === 0) return ['info: done'];
  return (behavior && lastWords[behavior]) ?? [`fail: the program ends with exit code ${exitCode}`];
}
