import { recordTimeline, type TimelineRecorder } from '../../deploy/timeline.ts';
import type { ErrorCode } from '../../errors.ts';
import type { CheckOutcome, DeployEvent, Result } from '../../events.ts';
import { bySeverity, type Finding } from '../../model/finding.ts';
import type { Input } from '../../model/input.ts';
import type { Plan, Target } from '../../model/plan.ts';
import type { ReleaseStatus } from '../../model/release.ts';
import type { Timeline } from '../../model/timeline.ts';
import type { RunEnd } from '../listener.ts';
import { formatElapsed } from '../style.ts';
import { factsOf, shownInput, shownPlan, targetFacts } from './facts.ts';
import type { Fact, Outcome, Report, Round } from './model.ts';
import { releaseReport } from './of-release.ts';

/** Makes the report of one run from what is heard of it. */
export interface ReportCollector {
  hear(event: DeployEvent): void;
  report(end: RunEnd): Report;
}

interface Begun {
  readonly release?: number;
  readonly plan?: Plan;
  readonly recorder: TimelineRecorder;
  /** As it was when the release ended. */
  ended?: Timeline;
}

/** Begins to listen now. `version` is that of this program. */
export function collectReport(version: string, nowMs: () => number = Date.now): ReportCollector {
  const startedMs = nowMs();
  const releases: Begun[] = [];
  const findings: Finding[] = [];
  let current: Begun = { recorder: recordTimeline(nowMs) };
  let target: Target | undefined;
  let inputs: readonly Input[] = [];
  let plan: Plan | undefined;
  const hearRelease = (release: number, status: ReleaseStatus): void => {
    if (status !== 'deploying') {
      current.ended = current.recorder.timeline();
      return;
    }
    current = { release, recorder: recordTimeline(nowMs), ...(plan === undefined ? {} : { plan }) };
    releases.push(current);
  };
  return {
    hear(event) {
      current.recorder.hear(event);
      if (event.type === 'target') target = event.target;
      else if (event.type === 'inputs') inputs = event.inputs;
      else if (event.type === 'plan') plan = event.plan;
      else if (event.type === 'finding') findings.push(event.finding);
      else if (event.type === 'release') hearRelease(event.number, event.status);
    },
    report(end) {
      const { checks = [], report: { place, endpoints = [], release } = {} } = 'result' in end ? end.result : {};
      if (release !== undefined) return releaseReport(release, version);
      const begun = releases.length > 0 ? releases : [{ ...current, ...(plan === undefined ? {} : { plan }) }];
      const all = [...begun.flatMap((one) => one.plan?.findings ?? []), ...findings, ...endFindings(end)];
      return {
        command: end.command,
        application: target?.application ?? place?.application ?? '',
        outcome: outcomeOf(end),
        about: aboutRun(end, version, startedMs, nowMs()),
        target: target === undefined ? placeFacts(place) : targetFacts(target),
        inputs: inputs.map(shownInput),
        rounds: begun.map(roundOf),
        findings: distinct(all),
        checks,
        endpoints,
        images: [],
      };
    },
  };
}

function aboutRun(end: RunEnd, version: string, startedMs: number, endedMs: number): readonly Fact[] {
  return factsOf([
    ['Command', `oms-deploy ${end.command}`],
    ['Began', new Date(startedMs).toISOString()],
    ['Took', formatElapsed(endedMs - startedMs)],
    ['Exit code', String('result' in end ? end.result.exitCode : end.error.exitCode)],
    ['oms-deploy', version],
  ]);
}

function placeFacts(place: { readonly cluster: string; readonly namespace: string } | undefined): readonly Fact[] {
  return factsOf([
    ['Cluster', place?.cluster],
    ['Namespace', place?.namespace],
  ]);
}

function roundOf({ release, plan, recorder, ended }: Begun): Round {
  const timeline = ended ?? recorder.timeline();
  const isEmpty = [timeline.waves, timeline.objects, timeline.pods].every((list) => list.length === 0);
  return {
    ...(release === undefined ? {} : { release }),
    ...(plan === undefined ? {} : { plan: shownPlan(plan) }),
    ...(isEmpty ? {} : { timeline }),
  };
}

const errorWords: Partial<Readonly<Record<ErrorCode, Pick<Outcome, 'word' | 'state'>>>> = {
  timeout: { word: 'timed out', state: 'bad' },
  declined: { word: 'declined', state: 'waiting' },
  interrupted: { word: 'interrupted', state: 'waiting' },
  locked: { word: 'locked', state: 'waiting' },
  invalid: { word: 'invalid', state: 'bad' },
  refused: { word: 'refused', state: 'bad' },
  usage: { word: 'refused', state: 'bad' },
};

function outcomeOf(end: RunEnd): Outcome {
  if ('result' in end) {
    const { ok, text, checks } = end.result;
    const message = checks === undefined ? firstLine(text) : countChecks(checks);
    return { ...(ok ? { state: 'good', word: 'done' } : { state: 'bad', word: 'problems found' }), message };
  }
  const { code, message, why, fix } = end.error;
  return {
    ...(errorWords[code] ?? { word: 'failed', state: 'bad' }),
    message,
    ...(why === undefined ? {} : { why }),
    ...(fix === undefined ? {} : { fix }),
  };
}

/** The result in one sentence, behind the word that says the same. */
function firstLine(text: Result['text']): string {
  return typeof text === 'string' ? (text.split('\n')[0] ?? '').replace(/^Done /, '') : '';
}

function countChecks(checks: readonly CheckOutcome[]): string {
  const count = (wanted: CheckOutcome['status']): number => checks.filter(({ status }) => status === wanted).length;
  return (['passed', 'warned', 'failed', 'skipped'] as const)
    .flatMap((status) => (count(status) === 0 ? [] : [`${count(status)} ${status}`]))
    .join(', ');
}

function endFindings(end: RunEnd): readonly Finding[] {
  return 'result' in end ? end.result.findings : end.error.findings;
}

/** Each once, errors first: a warning is told as an event and again in the result. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  const byText = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...byText.values()].sort(bySeverity);
}
