import { Buffer } from 'node:buffer';
import type { Cluster } from '../cluster/cluster.ts';
import { DeployError } from '../errors.ts';
import { during, type Host } from '../events.ts';
import { redactorOf } from '../inputs/redact.ts';
import { namesOf } from '../manifests/identity.ts';
import type { Finding } from '../model/finding.ts';
import { at, isObject, objectOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refKey } from '../model/object.ts';
import { goalOf, isWayBack, type RecordedObject, type Release } from '../model/release.ts';
import type { Place } from '../releases/place.ts';
import { readWholeRelease } from '../releases/read-records.ts';
import { manifestOf } from '../releases/recorded.ts';
import { textAt } from '../releases/secrets.ts';
import type { PruneOptions } from './deletions.ts';
import { type Ledger, lastDeployed } from './ledger.ts';
import { withNamespace } from './namespace.ts';
import { type PlanOptions, planning, planView, viewOf } from './plan-view.ts';
import type { Desired, Planned, View } from './planned.ts';
import { targetOf } from './target.ts';

export interface RollbackOptions extends PlanOptions {
  /** To which release; without one, see `defaultGoal`. */
  readonly to?: number;
  /** Secrets get the values of the release back; else they keep those that they have now. */
  readonly restoreSecrets: boolean;
}

/**
 * The plan of going back to an earlier release: everything that it had, as it was recorded.
 *
 * @throws DeployError `usage` where there is no such release, else as `planDeploy`.
 */
export async function planRollback(
  place: Place,
  options: RollbackOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Planned> {
  const view = await viewOf(place, signal);
  const number = options.to ?? previousOf(view, place);
  const release = await readWholeRelease(place, number, signal);
  if (release === undefined) throw noRelease(number, view, place);
  const desiredIn = async (now: View): Promise<Desired> => ({
    action: actionOf(number),
    ...(await desiredAgain(release, now.cluster, options.restoreSecrets, signal)),
    findings: [...notDeployed(release), ...(options.to === undefined ? forwardAgain(view, number) : [])],
  });
  return planRecorded(place, view, desiredIn, { ...options, prune: sparing(release, options.prune) }, host, signal);
}

/** What was there beside the release, although its manifests didn't have it, was there all the same. */
function sparing({ left }: Release, prune: PruneOptions): PruneOptions {
  const keys = new Set(left.map(({ ref }) => refKey(ref)));
  return { ...prune, only: (ref) => !keys.has(refKey(ref)) && prune.only?.(ref) !== false };
}

/** A plan for what a record has, in whole or in part. */
export async function planRecorded(
  place: Place,
  view: View,
  desiredIn: (view: View) => Promise<Desired>,
  options: PlanOptions,
  host: Host,
  signal: AbortSignal,
): Promise<Planned> {
  const target = (now: View) => targetOf(place, now.cluster, now.facts, now.ledger.releases[0]);
  host.emit({ type: 'target', target: target(view) });
  const completed = async (now: View): Promise<Desired> => {
    const desired = await desiredIn(now);
    const manifests = withNamespace(desired.manifests, target(now));
    host.protect(redactorOf(desired.secretValues, () => namesOf(manifests, place.application, place.namespace)));
    return { ...desired, manifests };
  };
  return during(planning, host, () => planView(view, target, ({ view: now }) => completed(now), options, signal));
}

function actionOf(number: number): string {
  return `rollback to ${number}`;
}

/**
 * Where a rollback goes that names no release: to the last one that was deployed before the newest. Where the newest is
 * itself a rollback that isn't over, to its own goal: who repeats the command after a kill, or at the same time as
 * somebody else, doesn't mean to go forward again to what they wanted to leave. It is over once it is deployed and its
 * lock was given back.
 */
export function defaultGoal(ledger: Ledger): number | undefined {
  const [newest] = ledger.releases;
  if (newest === undefined) return undefined;
  const isOver = newest.status === 'deployed' && ledger.lock.holder?.action !== newest.action;
  return (isOver ? undefined : goalOf(newest.action)) ?? lastDeployed(ledger, newest.number);
}

function previousOf({ ledger }: View, { application, namespace }: Place): number {
  const [newest] = ledger.releases;
  const number = defaultGoal(ledger);
  if (number !== undefined) return number;
  const why =
    newest === undefined
      ? `${application} has no release in ${namespace}.`
      : `Release ${newest.number} is the newest, and none before it was deployed well.`;
  throw new DeployError('usage', 'There is no release to roll back to. Nothing was changed.', {
    why,
    fix: 'See what there is: oms-deploy history.',
  });
}

function noRelease(number: number, { ledger }: View, { application, namespace }: Place): DeployError {
  const known = ledger.releases.map((release) => release.number);
  const why = `${application} in ${namespace} has ${known.length === 0 ? 'none' : `the releases ${known.join(', ')}`}.`;
  return new DeployError('usage', `There is no release ${number}. Nothing was changed.`, {
    why,
    fix: 'See what there is: oms-deploy history.',
  });
}

function notDeployed({ number, status, message }: Release): readonly Finding[] {
  if (status === 'deployed') return [];
  return [
    {
      id: 'release/not-deployed',
      severity: 'warning',
      cause: `Release ${number} never was deployed well: it is recorded as ${status}.`,
      evidence: message === undefined ? [] : [message],
      fix: 'Choose one that was: oms-deploy history.',
    },
  ];
}

/** After a way back the release before it is the one that was left: who names none may not mean to go forward again. */
function forwardAgain({ ledger }: View, number: number): readonly Finding[] {
  const [newest] = ledger.releases;
  if (newest === undefined || newest.status !== 'deployed' || !isWayBack(newest.action)) return [];
  return [
    {
      id: 'release/forward-again',
      severity: 'warning',
      cause: `Release ${newest.number} was itself a way back (${newest.action}): this goes forward again, to release ${number}.`,
      evidence: [],
      fix: 'Name the release that is meant: oms-deploy rollback <number>. See them: oms-deploy history.',
    },
  ];
}

/** What a release had, as what shall be there again. */
export async function desiredAgain(
  release: Release,
  cluster: Cluster,
  restoreSecrets: boolean,
  signal: AbortSignal,
): Promise<Omit<Desired, 'action' | 'findings'>> {
  const recorded = release.objects.map((object) => manifestOf(object, release.number));
  const manifests = restoreSecrets ? recorded : await withLiveSecrets(recorded, cluster, signal);
  const { inputs, overrides, commit } = release;
  // What a Secret holds now is a secret, too: it may have been changed by hand.
  const now = release.objects.map((object, index) => ({ ...object, body: manifests[index]?.body ?? object.body }));
  return {
    runsHooks: false,
    manifests,
    inputs,
    overrides,
    secretValues: [...new Set([...release.objects, ...now].flatMap(secretTexts))],
    commit: () => Promise.resolve(commit),
  };
}

/** The secret texts of an object: as they are, and those of a Secret also decoded. */
export function secretTexts({ body, secretPaths }: RecordedObject): readonly string[] {
  return secretPaths.flatMap((path) => {
    const text = textAt(body, path);
    return body.kind === 'Secret' && path[0] === 'data' ? [text, Buffer.from(text, 'base64').toString('utf8')] : [text];
  });
}

/** A password that was changed since must not come back: keys that a Secret still has keep their values. */
async function withLiveSecrets(
  manifests: readonly Manifest[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly Manifest[]> {
  return Promise.all(
    manifests.map(async (manifest) => {
      if (manifest.ref.kind !== 'Secret' || manifest.ref.apiVersion !== 'v1') return manifest;
      const live = await cluster.get(manifest.ref, signal);
      return live === undefined ? manifest : { ...manifest, body: withDataOf(manifest.body, live) };
    }),
  );
}

function withDataOf(body: KubernetesObject, live: KubernetesObject): KubernetesObject {
  const now = objectOf(at(live, 'data'));
  if (!isObject(body.data)) return body;
  const data = Object.fromEntries(Object.entries(body.data).map(([key, value]) => [key, now[key] ?? value]));
  return { ...body, data };
}

/** The objects that executing a plan creates. */
export function createdBy({ plan }: Planned): ReadonlySet<string> {
  const created = plan.waves.flatMap(({ changes }) => changes.filter(({ op }) => op === 'create'));
  return new Set(created.map(({ manifest }) => refKey(manifest.ref)));
}
