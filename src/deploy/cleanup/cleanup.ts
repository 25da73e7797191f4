import type { Cluster } from '../../cluster/cluster.ts';
import { connect } from '../../cluster/connect.ts';
import { isForbidden } from '../../cluster/errors.ts';
import { DeployError, lastWordsMs } from '../../errors.ts';
import type { Host } from '../../events.ts';
import { countOf } from '../../model/age.ts';
import { type CleanupPlan, type DoomedObject, type KeptObject, objectsOf } from '../../model/cleanup.ts';
import { type KubernetesObject, type ObjectRef, refKey } from '../../model/object.ts';
import type { Lock } from '../../releases/lock.ts';
import { beforeFirstWrite } from '../endings.ts';
import { readClusterFacts, targetOf } from '../target.ts';
import { withLock } from '../with-lock.ts';
import { confirmCleanup, refuseBeforehand, refusePlan } from './agree.ts';
import { waitForNamespace } from './end-namespace.ts';
import { finalizerRelease } from './finalizers.ts';
import { heldFinding } from './holders.ts';
import { isNothing } from './plan-cleanup.ts';
import { type PlannedCleanup, readCleanup } from './read-cleanup.ts';
import { rehearseRemoval, removeObject, removeStage } from './removal.ts';
import type { CleanupRequest } from './request.ts';
import type { Waiting } from './wait-gone.ts';

/** What was cleaned up. */
export interface CleanedUp {
  readonly namespace: string;
  readonly cluster: string;
  /** Absent where the namespace was gone or ending already. */
  readonly application?: string;
  /** `missing`: there is no such namespace. `nothing`: nothing of the application is in it. */
  readonly outcome: 'missing' | 'nothing' | 'namespace' | 'objects';
  readonly deleted: { readonly objects: number; readonly foreign: number; readonly records: number };
  readonly kept: readonly KeptObject[];
  /** How many objects of others are still in the namespace. */
  readonly others: number;
}

/**
 * Removes an application from the cluster: look -> confirm -> lock -> delete -> wait. Until the confirmation nothing
 * changes. Whatever ends it, the same command goes on where it ended.
 *
 * @throws DeployError `usage`, `invalid`, `declined`, `locked` where nothing was changed; `failed`, `timeout` or
 *   `interrupted` with how things were left.
 */
export async function cleanUp(request: CleanupRequest, host: Host, signal: AbortSignal): Promise<CleanedUp> {
  const { config, namespace = config.namespace } = request.place;
  refuseBeforehand(request, namespace);
  const cluster = await connect(request.place.connect);
  try {
    const live = await readNamespace(namespace, request, cluster, signal);
    if (live === 'missing') return { ...nothing(namespace, cluster), outcome: 'missing' };
    if (live?.metadata.deletionTimestamp !== undefined) return await goOn(request, live, cluster, host, signal);
    return await clean(request, { cluster, namespace, live }, host, signal);
  } finally {
    cluster.close();
  }
}

function nothing(namespace: string, cluster: Cluster): Omit<CleanedUp, 'outcome'> {
  const deleted = { objects: 0, foreign: 0, records: 0 };
  return { namespace, cluster: cluster.name, deleted, kept: [], others: 0 };
}

/** Undefined where it may not be read. */
async function readNamespace(
  name: string,
  { keepNamespace }: CleanupRequest,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubernetesObject | 'missing' | undefined> {
  try {
    return (await cluster.get(namespaceRef(name), signal)) ?? 'missing';
  } catch (error) {
    if (!isForbidden(error)) throw error;
    if (keepNamespace) return undefined;
    throw new DeployError('refused', `You are not allowed to read the namespace ${name}. Nothing was changed.`, {
      why: error.why ?? '',
      fix: "Ask for the right to get and delete it, or delete only the application's objects: --keep-namespace.",
      cause: error,
    });
  }
}

function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

/** A namespace that is being deleted already takes no lock: there is only to wait, and to say what holds it. */
async function goOn(
  request: CleanupRequest,
  live: KubernetesObject,
  cluster: Cluster,
  host: Host,
  signal: AbortSignal,
): Promise<CleanedUp> {
  const { name: namespace = '', uid = '' } = live.metadata;
  if (request.keepNamespace) {
    throw new DeployError('refused', `The namespace ${namespace} is being deleted: it can't be kept.`, {
      fix: 'Wait until it is gone: the same command without --keep-namespace.',
    });
  }
  const facts = await readClusterFacts(cluster, namespace, signal);
  const application = request.place.application ?? request.place.config.application;
  host.emit({ type: 'target', target: targetOf({ application, namespace }, cluster, facts, undefined) });
  host.emit({ type: 'step', name: 'cleanup', message: `The namespace ${namespace} is being deleted. Waiting for it.` });
  const waiting = waitingFor(request, namespace, cluster, host, () => undefined);
  try {
    await waitForNamespace({ ref: namespaceRef(namespace), uid }, waiting, waiting.stuck, signal);
  } catch (error) {
    throw afterFirstDelete(error, 'The namespace goes on ending by itself.');
  }
  return { ...nothing(namespace, cluster), outcome: 'namespace' };
}

interface Whereabouts {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly live: KubernetesObject | undefined;
}

async function clean(
  request: CleanupRequest,
  whereabouts: Whereabouts,
  host: Host,
  signal: AbortSignal,
): Promise<CleanedUp> {
  const { cluster } = whereabouts;
  const read = (later: AbortSignal): Promise<PlannedCleanup> =>
    readCleanup(request, whereabouts, whereabouts.live, later);
  const planned = await beforeFirstWrite(() => read(signal));
  const { plan, place, ledger } = planned;
  host.emit({ type: 'target', target: plan.target });
  if (isNothing(plan)) return resultOf(plan, 'nothing');
  host.emit({ type: 'cleanup', plan });
  if (isDone(plan)) return resultOf(plan, 'objects');
  await beforeFirstWrite(async () => {
    refusePlan(plan, request);
    await rehearseRemoval(allRemovals(plan), cluster, signal);
    await confirmCleanup(plan, request, host, signal);
  });
  const wish = { ...request.lock, author: request.author, action: 'cleanup', seen: ledger.lock };
  return withLock(place, wish, host, signal, async (lock, both) => {
    // Nobody has deployed since it was looked at, and no question has taken its time: it is as it was.
    const isCurrent = lock.isFresh && request.yes;
    const now = isCurrent ? planned : await beforeFirstWrite(() => agreeAgain(planned, read, request, host, both));
    await carryOut(now.plan, request, { lock, cluster, host }, both);
    return resultOf(now.plan, now.plan.scope);
  });
}

/** Only what stays is left. */
function isDone(plan: CleanupPlan): boolean {
  return plan.scope === 'objects' && allRemovals(plan).length === 0 && !plan.hasLock;
}

/** Everything that is deleted one by one. */
function allRemovals({ scope, stages, records, namespaceUid, target }: CleanupPlan): readonly DoomedObject[] {
  if (scope === 'objects') return objectsOf([...stages, ...records]);
  return [...objectsOf(stages), { ref: namespaceRef(target.namespace), uid: namespaceUid ?? '' }];
}

/** Time has passed at the question, and at the lock: where more would go now, that is agreed to anew. */
async function agreeAgain(
  before: PlannedCleanup,
  read: (signal: AbortSignal) => Promise<PlannedCleanup>,
  request: CleanupRequest,
  host: Host,
  signal: AbortSignal,
): Promise<PlannedCleanup> {
  const now = await read(signal);
  const agreed = new Set(outline(before.plan));
  if (outline(now.plan).every((key) => agreed.has(key))) return now;
  host.emit({ type: 'step', name: 'cleanup', message: 'The namespace has changed meanwhile. The cleanup is now:' });
  host.emit({ type: 'cleanup', plan: now.plan });
  refusePlan(now.plan, request);
  await confirmCleanup(now.plan, request, host, signal);
  return now;
}

function outline({ stages, swept, foreign, others, unread }: CleanupPlan): readonly string[] {
  const objects = objectsOf([...stages, ...swept]).map(({ ref, uid }) => `${refKey(ref)} ${uid}`);
  return [...objects, ...foreign.map(refKey), ...others.map(({ ref }) => refKey(ref)), ...unread];
}

interface Means {
  readonly lock: Lock;
  readonly cluster: Cluster;
  readonly host: Host;
}

/** Deletes: what load balancers hang on first, our records and the lock, or the namespace, last. */
async function carryOut(
  plan: CleanupPlan,
  request: CleanupRequest,
  { lock, cluster, host }: Means,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = plan.target;
  const isWhole = plan.scope === 'namespace';
  const total = objectsOf([...plan.stages, ...(isWhole ? [] : plan.records)]).length;
  let gone = 0;
  let state = (): string =>
    `${gone} of ${countOf(total, 'object')} ${gone === 1 ? 'is' : 'are'} gone; ${isWhole ? `the namespace ${namespace} and all else in it are` : 'what comes after is'} untouched.`;
  const waiting = waitingFor(request, namespace, cluster, host, () => {
    gone += 1;
  });
  try {
    for (const [index, stage] of [...plan.stages, ...(isWhole ? [] : plan.records)].entries()) {
      await lock.enter(stage.name, signal);
      host.emit({ type: 'wave', number: index, name: stage.name, objects: stage.objects.length });
      await removeStage(stage, waiting, signal);
    }
    if (!isWhole) return await lock.dissolve(signal);
    await lock.enter('namespace', signal);
    const doomed = { ref: namespaceRef(namespace), uid: plan.namespaceUid ?? '' };
    host.emit({ type: 'wave', number: plan.stages.length, name: 'namespace', objects: 1 });
    await removeObject(doomed, cluster, signal);
    state = () => `The namespace ${namespace} is being deleted, and goes on ending by itself.`;
    // The lock goes with the namespace: from here on nobody can deploy to it.
    await lock.release(AbortSignal.timeout(lastWordsMs));
    await waitForNamespace(doomed, waiting, waiting.stuck, signal);
  } catch (error) {
    throw afterFirstDelete(error, state());
  }
}

/** Without progress for so long, it is said what holds. */
const explainMs = 30_000;

function waitingFor(
  request: CleanupRequest,
  namespace: string,
  cluster: Cluster,
  host: Host,
  gone: () => void,
): Waiting {
  const { timeoutMs } = request;
  return {
    cluster,
    host,
    timeoutMs,
    deadlineMs: performance.now() + timeoutMs,
    explainMs: Math.min(explainMs, timeoutMs / 3),
    gone,
    explain: (live, severity) => Promise.resolve(live.map((object) => heldFinding(object, severity))),
    stuck: finalizerRelease(request, namespace, cluster, host),
  };
}

/** The error with how things were left, and the way on. */
function afterFirstDelete(error: unknown, state: string): unknown {
  if (!(error instanceof DeployError)) return error;
  const again = 'Run the same command again: it goes on where this one ended.';
  const { code, message, findings, why, fix } = error;
  if (code === 'interrupted') {
    return new DeployError('interrupted', `Interrupted. ${state}`, { fix: again, cause: error });
  }
  const nothingForced = code === 'timeout' ? ['Nothing was forced.'] : [];
  const details = {
    why: [...(why === undefined ? [] : [why]), state, ...nothingForced].join(' '),
    fix: [...(fix === undefined ? [] : [fix]), again].join(' '),
    findings,
    cause: error,
  };
  return new DeployError(code === 'refused' ? 'failed' : code, message, details);
}

function resultOf(plan: CleanupPlan, outcome: CleanedUp['outcome']): CleanedUp {
  const { target, stages, swept, records, foreign, others, kept } = plan;
  const isWhole = outcome === 'namespace';
  const foreignKeys = new Set(foreign.map(refKey));
  const ours = objectsOf([...stages, ...swept]).filter(({ ref }) => !foreignKeys.has(refKey(ref)));
  const isIdle = outcome === 'nothing';
  return {
    namespace: target.namespace,
    cluster: target.cluster,
    application: target.application,
    outcome,
    deleted: {
      objects: isIdle ? 0 : ours.length,
      foreign: isWhole ? foreign.length : 0,
      records: isIdle ? 0 : objectsOf(records).length,
    },
    kept,
    others: isWhole ? 0 : foreign.length + others.length,
  };
}
