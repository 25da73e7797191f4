import { DeployError, lastWordsAfter, lastWordsMs, messageOf, throwIfInterrupted } from '../errors.ts';
import { during, type Host } from '../events.ts';
import { redactorOf } from '../inputs/redact.ts';
import { hookOf } from '../manifests/hooks.ts';
import { namesOf } from '../manifests/identity.ts';
import type { Finding } from '../model/finding.ts';
import type { Hook } from '../model/hook.ts';
import type { Manifest } from '../model/manifest.ts';
import { refKey } from '../model/object.ts';
import { type Change, type Endpoint, keptOf, type Plan } from '../model/plan.ts';
import type { LeftObject, Release, ReleaseStatus, RunningImage } from '../model/release.ts';
import type { Lock } from '../releases/held-lock.ts';
import type { Place } from '../releases/place.ts';
import { abandonRelease, closeRelease, openRelease, trimReleases } from '../releases/write-records.ts';
import { type AppliedObjects, applyPlan } from './apply.ts';
import { afterDeployed, afterFirstWrite, beforeFirstWrite } from './endings.ts';
import { readEndpoints } from './endpoints.ts';
import { gateOf, limitOf } from './gate.ts';
import { lastDeployed } from './ledger.ts';
import type { Planned } from './planned.ts';
import { prerequisitesIn } from './prerequisites.ts';
import { prune } from './prune.ts';
import { type RunFacts, releaseOf, uidsOf } from './release-of.ts';
import { runHook } from './run-hook.ts';
import { runningImages } from './running-images.ts';
import { recordTimeline, type TimelineRecorder } from './timeline.ts';
import type { Patience } from './tracking.ts';
import { waitUntilReady } from './wait.ts';

/** How a plan is carried out. */
export interface RunOptions extends Patience {
  /** For the whole wait, in milliseconds. */
  readonly timeoutMs: number;
  /** How many records are kept. */
  readonly historyLimit: number;
  readonly facts: RunFacts;
}

/** How a plan was carried out. */
export interface Deployed {
  readonly plan: Plan;
  /** What ready objects warn of, and what could not be pruned. */
  readonly warnings: readonly Finding[];
  readonly endpoints: readonly Endpoint[];
}

/** Where the releases of a plan's application are kept. */
export function placeOf({ cluster, plan }: Planned): Place {
  const { application, namespace } = plan.target;
  return { cluster, application, namespace };
}

/**
 * One release from its record to its end: written down, applied, waited for, pruned, closed. However it ends, the record
 * says how; a run that is killed leaves it `deploying`, and the next one calls it `interrupted`.
 *
 * @throws DeployError `failed`, `timeout` or `interrupted`, with how things were left.
 */
export async function runRelease(
  planned: Planned,
  lock: Lock,
  options: RunOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Deployed> {
  const release = await beforeFirstWrite(() => open(planned, options.facts, host, signal));
  const { manifests, warnings } = await execute(planned, release, lock, options, host, signal);
  try {
    const endpoints = await during('Reading where it answers', host, () =>
      readEndpoints(manifests, planned.cluster, signal),
    );
    const kept = await during('Deleting old release records', host, () =>
      trim(placeOf(planned), options.historyLimit, signal),
    );
    for (const finding of kept) host.emit({ type: 'finding', finding });
    return { plan: planned.plan, warnings: [...warnings, ...kept], endpoints };
  } catch (error) {
    throw afterDeployed(error, release.number);
  }
}

/** From the first change to the end of the record. */
async function execute(
  planned: Planned,
  release: Release,
  lock: Lock,
  options: RunOptions,
  outer: Host,
  signal: AbortSignal,
): Promise<{ readonly manifests: readonly Manifest[]; readonly warnings: readonly Finding[] }> {
  const { plan, cluster, ledger } = planned;
  const place = placeOf(planned);
  const { number } = release;
  let applied: AppliedObjects = new Map();
  let state = 'Part of the plan may have been applied; pods go on starting.';
  const recorder = recordTimeline(() => cluster.now());
  const host = heardBy(recorder, outer);
  const closing = { planned, place, release, host, recorder };
  try {
    const appliedMs = cluster.now();
    const prerequisites = prerequisitesIn(keptOf(plan).map(({ manifest }) => manifest));
    const limit = limitOf(options.timeoutMs);
    const waits = { patience: options, limit, cluster, host };
    const passage = {
      enter: (wave: string) => lock.enter(`wave ${wave}`, signal),
      gate: gateOf(plan, prerequisites, waits, signal),
      prerequisites,
      runHook: (change: Change, hook: Hook) => runHook(change, hook, waits, signal),
    };
    applied = await applyPlan(plan, 'until ready', passage, cluster, host, signal);
    state = 'Everything was applied; pods go on starting.';
    await lock.enter('wait', signal);
    const wait = { ...options, ...waitedFor(planned, applied, appliedMs), timeoutMs: limit.leftMs() };
    const { warnings, world } = await waitUntilReady(wait, cluster, host, signal);
    state = 'Everything was applied and is ready; what runs after it has not ended.';
    applied = new Map([...applied, ...(await applyPlan(plan, 'once ready', passage, cluster, host, signal))]);
    state = 'Everything was applied and is ready; what left the manifests may still be there.';
    await lock.enter('prune', signal);
    const pruned = await prune(plan, cluster, host, signal);
    const left = planned.left.filter(({ ref }) => !pruned.gone.has(refKey(ref)));
    const images = [...imagesBeside(planned), ...runningImages(wait.manifests, world)];
    await close({ ...closing, status: 'deployed', applied, left, images, findings: [] }, signal);
    return { manifests: wait.manifests, warnings: [...warnings, ...pruned.findings] };
  } catch (error) {
    // Who has taken the lock away has closed this release, too.
    if (lock.lost.aborted) throw error;
    const isInterrupted = !(error instanceof DeployError) || error.code === 'interrupted';
    const ending = {
      status: isInterrupted ? 'interrupted' : 'failed',
      message: messageOf(error),
      findings: error instanceof DeployError ? error.findings : [],
    } as const;
    await close(
      { ...closing, ...ending, applied, left: planned.left, images: [] },
      AbortSignal.timeout(lastWordsMs),
    ).catch((last: unknown) => {
      host.emit({ type: 'detail', message: `The record of release ${number} was not closed: ${messageOf(last)}` });
    });
    throw afterFirstWrite(error, { number, state, previous: lastDeployed(ledger, number) });
  }
}

/** The host, with somebody who hears what happens. */
function heardBy(recorder: TimelineRecorder, host: Host): Host {
  return {
    ...host,
    emit(event) {
      recorder.hear(event);
      host.emit(event);
    },
  };
}

/** A rollout of one workload leaves the others with what they ran. */
function imagesBeside({ plan: { only }, ledger }: Planned): readonly RunningImage[] {
  if (only === undefined) return [];
  return (ledger.latest?.images ?? []).filter(({ workload }) => refKey(workload) !== refKey(only));
}

/** Writes the release down; what runs that died have left open is closed first. */
async function open(planned: Planned, facts: RunFacts, host: Host, signal: AbortSignal): Promise<Release> {
  const { plan, desired, ledger, cluster } = planned;
  const place = placeOf(planned);
  const dead = ledger.releases.filter(({ status }) => status === 'deploying');
  await Promise.all(dead.map((summary) => abandonRelease(place, summary, signal)));
  if (plan.release === undefined) throw new Error('a plan without a release has none to open');
  const release = releaseOf(planned, plan.release, facts, await desired.commit(signal), cluster.now());
  throwIfInterrupted(signal);
  // Interrupted halfway, it could be there, and would stay open although nobody deploys.
  await openRelease(place, release, lastWordsAfter(signal));
  host.emit({ type: 'release', number: release.number, status: 'deploying' });
  return release;
}

interface Closing {
  readonly planned: Planned;
  readonly place: Place;
  readonly release: Release;
  readonly host: Host;
  readonly recorder: TimelineRecorder;
  readonly status: ReleaseStatus;
  readonly message?: string;
  readonly findings: readonly Finding[];
  readonly applied: AppliedObjects;
  readonly left: readonly LeftObject[];
  readonly images: readonly RunningImage[];
}

/** Says in the record how a release ended: without secrets, as everything else that goes out. */
async function close(closing: Closing, signal: AbortSignal): Promise<void> {
  const { planned, place, release, host, recorder, status, message, findings, applied, left, images } = closing;
  const clean = redactorOf(planned.desired.secretValues, () => namesOf(planned.desired.manifests));
  const outcome = {
    status,
    endedAt: new Date(place.cluster.now()).toISOString(),
    ...(message === undefined ? {} : { message: clean(message) }),
    findings: findings.map((finding) => cleaned(finding, clean)),
    uids: uidsOf(planned.plan, applied),
    left,
    images,
    timeline: recorder.timeline(),
  };
  await closeRelease(place, release, outcome, signal);
  host.emit({ type: 'release', number: release.number, status });
}

function cleaned(finding: Finding, clean: (text: string) => string): Finding {
  const { cause, evidence, fix, hits } = finding;
  return {
    ...finding,
    cause: clean(cause),
    evidence: evidence.map(clean),
    fix: clean(fix),
    ...(hits === undefined ? {} : { hits: hits.map(clean) }),
  };
}

/** Old records that may not be deleted don't fail a deploy. */
async function trim(place: Place, keep: number, signal: AbortSignal): Promise<readonly Finding[]> {
  try {
    await trimReleases(place, keep, signal);
    return [];
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'refused') throw error;
    const fix = 'Ask for the right to delete Secrets here, or delete them by hand.';
    const evidence = [error.message, ...(error.why === undefined ? [] : [error.why])];
    return [{ id: 'release/not-trimmed', severity: 'warning', cause: 'Old release records stay.', evidence, fix }];
  }
}

/** What a wait has to know of a plan and its execution. */
function waitedFor(
  planned: Planned,
  applied: AppliedObjects,
  appliedMs: number,
): Pick<Parameters<typeof waitUntilReady>[0], 'manifests' | 'appliedMs'> & Required<Pick<Patience, 'applied'>> {
  const kept = waitedChanges(planned);
  const live = new Map(kept.map((change) => [change.manifest, change.live]));
  const changed = new Set(kept.flatMap(({ op, manifest }) => (op === 'unchanged' ? [] : [manifest])));
  return {
    manifests: kept.map(({ manifest }) => manifest),
    appliedMs: (one: Manifest) => (changed.has(one) ? appliedMs : undefined),
    applied: (one: Manifest) => applied.get(refKey(one.ref)) ?? live.get(one),
  };
}

/**
 * All that will be there. A rollout of one workload waits for that one: another that is in trouble is none of its
 * business. On top of a release that went wrong it waits for all that is there, because its record calls it all well.
 */
function waitedChanges({ plan, ledger: { latest } }: Planned): readonly Change[] {
  const { only } = plan;
  // A hook that has run was waited for; one that hasn't is as it was, there or not.
  const kept = keptOf(plan).filter(({ manifest }) => hookOf(manifest.body) === undefined);
  if (only === undefined) return kept;
  return kept.filter(
    ({ live, manifest: { ref } }) =>
      refKey(ref) === refKey(only) || (latest?.status !== 'deployed' && live !== undefined),
  );
}

/** For a plan that has nothing to do and nothing to record: waits until everything is ready, as after a deploy. */
export async function waitOnly(
  planned: Planned,
  patience: Patience & { readonly timeoutMs: number },
  host: Host,
  signal: AbortSignal,
): Promise<Deployed> {
  const { plan, cluster } = planned;
  const wait = { ...patience, ...waitedFor(planned, new Map(), 0) };
  const { warnings } = await waitUntilReady(wait, cluster, host, signal);
  return { plan, warnings, endpoints: await readEndpoints(wait.manifests, cluster, signal) };
}
