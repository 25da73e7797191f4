import { countOf, formatSpan } from '../../model/age.ts';
import { at, isObject, stringOf } from '../../model/json.ts';
import type { Moment } from '../../model/readiness.ts';
import type { World } from '../../model/world.ts';
import { type Container, type Ended, isOlderThanWait, keyOf, logRefOf, placeOf } from './containers.ts';
import type { Rule, Signal } from './signal.ts';
import { neverBegan } from './start.ts';

/**
 * A container that ends again and again. Certain: the third run has ended and two ended with the same exit code, or the
 * fourth run has ended, whatever the codes; killed twice for its memory. `tolerateRestarts` sets another limit. Runs
 * that ended before the wait count, but the last one must have ended since: the cause may have been mended outside.
 */
export function crashSignals(container: Container, world: World, moment: Moment): readonly Signal[] {
  const runs = [container.ended, container.endedBefore].filter((run) => run !== undefined);
  return runs
    .filter(({ reason }) => !neverBegan(reason))
    .map((run) => (run.reason === 'OOMKilled' ? oomSignal : exitSignal)(container, run, world, moment));
}

/** An end without an error is none until the kubelet backs off. It is remembered: a probe's SIGTERM ends so, too. */
function isFailure({ waiting }: Container, { exitCode }: Ended): boolean {
  return exitCode !== 0 || waiting?.reason === 'CrashLoopBackOff';
}

/** A new run must hold for so long before the crash of the one before is over. */
const calmMs = 10_000;

/** How many runs have ended: a restart is counted when the next one begins. */
function endedRuns({ restarts, runningSinceMs }: Container): number {
  return runningSinceMs === undefined ? restarts + 1 : restarts;
}

/** A pod that waits out a back-off from before the wait gets another try first. */
function isOfThisWait({ pod }: Container, { finishedMs }: Ended, moment: Moment): boolean {
  return !isOlderThanWait(pod, moment) || finishedMs === undefined || finishedMs >= moment.sinceMs;
}

/** It is down, or runs again for too short a time to tell, and nothing has called it ready. */
function isInTrouble({ runningSinceMs, ready, spec }: Container, world: World): boolean {
  if (runningSinceMs === undefined) return true;
  const isVouchedFor = ready && isObject(spec.readinessProbe);
  return !isVouchedFor && world.nowMs - runningSinceMs < calmMs;
}

function exitSignal(container: Container, run: Ended, world: World, moment: Moment): Signal {
  const signal = {
    key: keyOf(container, `exit ${run.exitCode}`),
    occurrence: run.run,
    rule: isOfThisWait(container, run, moment) ? exitRule(container, moment) : {},
  };
  if (!isInTrouble(container, world) || run !== container.ended || !isFailure(container, run)) return signal;
  const { cause, fix, field = '' } = explainExit(container, run, world);
  const evidence = [`${placeOf(container)}: ${stateOf(container, run, world)}`];
  const problem = {
    id: 'container/crash',
    subject: `exit ${run.exitCode}`,
    cause,
    fix,
    evidence,
    container: logRefOf(container),
    about: { container: container.name, field },
  };
  return { ...signal, problem };
}

function exitRule(container: Container, { tolerateRestarts }: Moment): Rule {
  if (tolerateRestarts !== undefined) return container.restarts > tolerateRestarts ? { afterMs: 0 } : {};
  const ended = endedRuns(container);
  if (ended >= 4) return { afterMs: 0 };
  return ended === 3 ? { sightings: 2 } : {};
}

function oomSignal(container: Container, run: Ended, world: World, moment: Moment): Signal {
  const { restarts } = container;
  const limit = stringOf(at(container.spec, 'resources', 'limits', 'memory'));
  const tolerated = moment.tolerateRestarts !== undefined && restarts <= moment.tolerateRestarts;
  // Two kills are certain; of four ended runs it doesn't matter how the others ended.
  const rule =
    tolerated || !isOfThisWait(container, run, moment)
      ? {}
      : { sightings: 2, ...(endedRuns(container) >= 4 ? { afterMs: 0 } : {}) };
  const signal = { key: keyOf(container, 'oom'), occurrence: run.run, rule };
  if (!isInTrouble(container, world) || run !== container.ended) return signal;
  const cause =
    limit === undefined
      ? 'the container is killed for its use of memory, and it has no limit of its own: the node ran out'
      : `the container is killed for using more memory than its limit of ${limit}`;
  const fix = 'Raise resources.limits.memory, or let the program use less.';
  const evidence = [`${placeOf(container)}: ${stateOf(container, run, world)}`];
  const about = { container: container.name, field: 'resources.limits.memory' };
  return { ...signal, problem: { id: 'container/oom', cause, fix, evidence, container: logRefOf(container), about } };
}

function stateOf({ waiting, restarts, runningSinceMs }: Container, run: Ended, world: World): string {
  const ago = run.finishedMs === undefined ? '' : `, ${formatSpan(world.nowMs - run.finishedMs)} ago`;
  const reason = run.reason === '' || run.reason === 'Error' ? '' : ` (${run.reason})`;
  const state = waiting?.reason ?? (runningSinceMs === undefined ? 'ended' : 'runs again');
  return `${state}: exit code ${run.exitCode}${reason}${ago}, ${countOf(restarts, 'restart')}`;
}

const exitMeanings: Readonly<Record<number, string>> = {
  126: 'its program is not executable',
  127: 'its program was not found',
  134: 'it aborted',
  137: 'it was killed (SIGKILL)',
  139: 'it crashed (segmentation fault)',
  143: 'it was asked to stop (SIGTERM)',
};

interface ExplainedExit {
  readonly cause: string;
  readonly fix: string;
  /** Of the container, where it is one. */
  readonly field?: string;
}

function explainExit(container: Container, run: Ended, world: World): ExplainedExit {
  const { name, kind, pod } = container;
  const killed = world
    .eventsOf(pod.metadata.uid ?? '')
    .map(({ reason, message }) => (reason === 'Killing' ? (stringOf(message) ?? '') : ''))
    .find((message) => message.includes(name) && /failed (liveness|startup) probe/.test(message));
  if (killed !== undefined) {
    const probe = killed.includes('startup') ? 'startup' : 'liveness';
    return {
      cause: `the kubelet restarts the ${kind}: its ${probe} probe fails`,
      fix: `Check path, port and thresholds of the ${probe}Probe against what the log says.`,
      field: `${probe}Probe`,
    };
  }
  if (run.exitCode === 0) {
    return {
      cause: `the ${kind} ends with exit code 0 instead of going on`,
      fix: 'Correct its command: a Deployment keeps servers running; what has an end is a Job.',
      field: 'command',
    };
  }
  const meaning = exitMeanings[run.exitCode];
  return {
    cause: `the ${kind} ends with exit code ${run.exitCode}${meaning === undefined ? '' : `: ${meaning}`}`,
    fix: 'Read the last lines of its log, correct the cause, and run the same command again.',
  };
}
