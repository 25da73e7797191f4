import { errorsOf } from '../model/finding.ts';
import type { Plan, Target } from '../model/plan.ts';
import type { Place } from '../releases/place.ts';
import { pullTokenFindings } from '../target/pull-tokens.ts';
import { registryFindings } from '../target/registries.ts';
import { type PruneOptions, planDeletions } from './deletions.ts';
import { driftFindings } from './drift-findings.ts';
import { foreignFindings } from './foreign.ts';
import { planHooks } from './hooks.ts';
import { emptyLedger, type Ledger, nextNumber, readLedger } from './ledger.ts';
import { makePlan } from './plan.ts';
import type { Desired, Planned, View, Whereabouts } from './planned.ts';
import { type PreflightOptions, preflight } from './preflight/preflight.ts';
import { upcomingOf } from './preflight/upcoming.ts';
import { invalid } from './prepare.ts';
import { needsRelease } from './release-of.ts';
import { concerning, restrictPlan } from './restrict.ts';
import { namespaceFindings, readClusterFacts } from './target.ts';

/** What takes its time while a plan is made. */
export const planning = 'Making the plan: dry runs and preflight checks';

/** How a plan is made, wherever its manifests come from. */
export interface PlanOptions {
  readonly forceConflicts: boolean;
  readonly prune: PruneOptions;
  /** Absent: none is made, as where a failed deploy is taken back. */
  readonly preflight?: PreflightOptions;
}

/**
 * The plan for a view of the cluster.
 *
 * @throws DeployError `invalid` or `refused` with all findings.
 */
export async function planView(
  view: View,
  targetIn: (view: View) => Target,
  desiredIn: (whereabouts: Whereabouts) => Promise<Desired>,
  options: PlanOptions,
  signal: AbortSignal,
): Promise<Planned> {
  const { cluster, ledger } = view;
  const target = targetIn(view);
  const desired = await desiredIn({ target, view });
  const deletions = await planDeletions(ledger.latest, desired.manifests, target, options.prune, cluster, signal);
  const { manifests } = desired;
  const request = { target, manifests, forceConflicts: options.forceConflicts, deletions: deletions.changes };
  const { only } = desired;
  const tentative = await makePlan(request, cluster, signal);
  const hooked = planHooks(tentative.plan, desired, ledger.latest);
  const made = { ...tentative, plan: hooked.plan };
  const tried = only === undefined ? made.plan : restrictPlan(made.plan, manifests, only);
  const found = concerning(only, [
    ...ledger.findings,
    ...desired.findings,
    ...namespaceFindings(target),
    ...registryFindings(manifests, cluster.identity),
    ...pullTokenFindings(manifests, cluster.identity),
    ...tried.findings,
    ...hooked.findings,
    ...foreignFindings(tried),
    ...deletions.findings,
    ...(only === undefined ? driftFindings(ledger.latest, tried, cluster.now()) : []),
  ]);
  const isRelease = needsRelease(tried, desired, ledger);
  const checks = isRelease || errorsOf(found).length > 0 ? options.preflight : undefined;
  const { findings, summary } = await preflight(upcomingOf(made, tried, view), found, checks, cluster, signal);
  if (errorsOf(findings).length > 0) throw invalid(findings);
  const plan: Plan = {
    ...tried,
    findings,
    ...(summary === undefined ? {} : { preflight: summary }),
    ...(isRelease ? { release: nextNumber(ledger) } : {}),
  };
  const again = async (later: AbortSignal): Promise<Planned> => {
    const { application, namespace } = target;
    return planView(await viewOf({ cluster, application, namespace }, later), targetIn, desiredIn, options, later);
  };
  return { plan, desired, ledger, left: deletions.left, cluster, again };
}

/** Looks around once more. `instead` may know how to go on without the ledger. */
export async function viewOf(
  { cluster, application, namespace }: Place,
  signal: AbortSignal,
  instead: (error: unknown) => Ledger = rethrow,
): Promise<View> {
  // Nearly always there is a namespace: its records are asked for at once, in one that isn't there they count for nothing.
  const reading = readLedger({ cluster, application, namespace }, signal).catch(instead);
  reading.catch(() => undefined);
  const facts = await readClusterFacts(cluster, namespace, signal);
  if (facts.namespaceState !== 'missing') return { cluster, facts, ledger: await reading };
  await reading.catch(() => undefined);
  return { cluster, facts, ledger: emptyLedger };
}

function rethrow(error: unknown): never {
  throw error;
}
