import type { Cluster } from '../../cluster/cluster.ts';
import { isForbidden } from '../../cluster/errors.ts';
import { DeployError } from '../../errors.ts';
import { during, type Host } from '../../events.ts';
import { countOf } from '../../model/age.ts';
import { type CleanupPlan, type DoomedObject, objectsOf } from '../../model/cleanup.ts';
import { type KubernetesObject, namespaceRef, refKey } from '../../model/object.ts';
import type { Lock } from '../../releases/held-lock.ts';
import { leaseRef, type Place } from '../../releases/place.ts';
import { openCluster } from '../../target/open.ts';
import { beforeFirstWrite } from '../endings.ts';
import { readClusterFacts, targetOf } from '../target.ts';
import { withLock } from '../with-lock.ts';
import { confirmCleanup, refuseBeforehand, refusePlan } from './agree.ts';
import { type CleanedUp, nothing, resultOf } from './cleaned-up.ts';
import { waitForNamespace } from './end-namespace.ts';
import { finalizerRelease } from './finalizers.ts';
import { heldFinding } from './holders.ts';
import { isNothing } from './plan-cleanup.ts';
import { type PlannedCleanup, readCleanup } from './read-cleanup.ts';
import { rehearseRemoval, removeObject, removeStage } from './removal.ts';
import type { CleanupRequest } from './request.ts';
import type { Waiting } from './wait-gone.ts';

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
  const cluster = await openCluster(request.place.target, host, signal);
  try {
    const live = await readNamespace(namespace, request, cluster, signal);
    if (live === 'missing') return { ...nothing(namespace, cluster), outcome: 'missing' };
    if (live?.metadata.deletionTimestamp !== undefined) return await goOn(request, live, cluster, host, signal);
    return await clean(request, { cluster, namespace, live }, host, signal);
  } finally {
    cluster.close();
  }
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
  const waiting = waitingFor(request, namespace, { cluster, host }, () => undefined);
  await endNamespace({ ref: namespaceRef(namespace), uid }, waiting, request, signal);
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
    during('Looking at all that is in the namespace', host, () =>
      readCleanup(request, whereabouts, whereabouts.live, later),
    );
  const planned = await beforeFirstWrite(() => read(signal));
  const { plan, place, ledger } = planned;
  host.emit({ type: 'target', target: plan.target });
  if (isNothing(plan)) return resultOf(plan, 'nothing');
  host.emit({ type: 'cleanup', plan });
  if (isDone(plan)) return resultOf(plan, 'objects');
  await beforeFirstWrite(async () => {
    refusePlan(plan, request);
    await during('Trying whether all of it may be deleted', host, () =>
      rehearseRemoval([...allRemovals(plan), ...lockIn(plan, place)], cluster, signal),
    );
    await confirmCleanup(plan, request, host, signal);
  });
  const wish = { ...request.lock, author: request.author, action: 'cleanup', seen: ledger.lock };
  const means = { cluster, host };
  const done = await withLock(place, wish, host, signal, async (lock, both) => {
    // Nobody has deployed since it was looked at, and no question has taken its time: it is as it was.
    const isCurrent = lock.isFresh && request.yes;
    const now = isCurrent ? planned : await beforeFirstWrite(() => agreeAgain(planned, read, request, host, both));
    const waiting = await carryOut(now.plan, request, lock, means, both);
    return { plan: now.plan, waiting };
  });
  // The Lease goes with the namespace, which takes nothing new any more: here a lock that is gone is no loss.
  if (done.plan.scope === 'namespace') await endNamespace(namespaceOf(done.plan), done.waiting, request, signal);
  return resultOf(done.plan, done.plan.scope);
}

/** Only what stays is left. */
function isDone(plan: CleanupPlan): boolean {
  return plan.scope === 'objects' && allRemovals(plan).length === 0 && !plan.hasLock;
}

/** Everything that is deleted one by one. */
function allRemovals(plan: CleanupPlan): readonly DoomedObject[] {
  if (plan.scope === 'objects') return objectsOf([...plan.stages, ...plan.records]);
  return [...objectsOf(plan.stages), namespaceOf(plan)];
}

/** The Lease that goes last, so that all of it is asked for before. Which one it will be then nobody knows. */
function lockIn({ scope }: CleanupPlan, place: Place): readonly DoomedObject[] {
  return scope === 'objects' ? [{ ref: leaseRef(place), uid: '' }] : [];
}

function namespaceOf({ target, namespaceUid = '' }: CleanupPlan): DoomedObject {
  return { ref: namespaceRef(target.namespace), uid: namespaceUid };
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

type Means = Pick<Waiting, 'cluster' | 'host'>;

/**
 * Deletes: what load balancers hang on first, then our records and the lock, or the namespace, whose end is still to be
 * waited for.
 */
async function carryOut(
  plan: CleanupPlan,
  request: CleanupRequest,
  lock: Lock,
  means: Means,
  signal: AbortSignal,
): Promise<Waiting> {
  const isWhole = plan.scope === 'namespace';
  const stages = isWhole ? plan.stages : [...plan.stages, ...plan.records];
  let gone = 0;
  const waiting = waitingFor(request, plan.target.namespace, means, () => {
    gone += 1;
  });
  const enter = async (name: string, number: number, objects: number): Promise<void> => {
    await lock.enter(name, signal);
    means.host.emit({ type: 'wave', number, name, objects });
  };
  try {
    for (const [index, stage] of stages.entries()) {
      await enter(stage.name, index, stage.objects.length);
      await removeStage(stage, waiting, signal);
    }
    if (isWhole) {
      await enter('namespace', stages.length, 1);
      await removeObject(namespaceOf(plan), means.cluster, signal);
    } else await lock.dissolve(signal);
    return waiting;
  } catch (error) {
    throw afterFirstDelete(error, stateOf(plan, gone, objectsOf(stages).length), request);
  }
}

/** How far a cleanup has come before the last step. */
function stateOf({ scope, target }: CleanupPlan, gone: number, total: number): string {
  const rest = scope === 'objects' ? 'what comes after is' : `the namespace ${target.namespace} and all else in it are`;
  return gone === 0
    ? `Nothing is gone yet; ${rest} untouched.`
    : `${gone} of ${countOf(total, 'object')} gone; ${rest} untouched.`;
}

/** Waits for a namespace that is being deleted. */
async function endNamespace(
  namespace: DoomedObject,
  waiting: Waiting,
  request: CleanupRequest,
  signal: AbortSignal,
): Promise<void> {
  const { name } = namespace.ref;
  try {
    await waitForNamespace(namespace, waiting, waiting.stuck, signal);
  } catch (error) {
    const state = `The namespace ${name} is being deleted, and goes on ending by itself.`;
    if (!isForbidden(error)) throw afterFirstDelete(error, state, request);
    throw new DeployError(
      'failed',
      `Whether the namespace ${name} is gone can't be seen: the right to see it went with it.`,
      {
        why: state,
        fix: `Look with an identity whose rights are not in the namespace: kubectl get namespace ${name}.`,
        cause: error,
      },
    );
  }
}

/** Without progress for so long, it is said what holds. */
const explainMs = 30_000;

function waitingFor(request: CleanupRequest, namespace: string, { cluster, host }: Means, gone: () => void): Waiting {
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
function afterFirstDelete(error: unknown, state: string, { removeFinalizers }: CleanupRequest): unknown {
  if (!(error instanceof DeployError)) return error;
  const again = 'Run the same command again: it goes on where this one ended.';
  const { code, message, findings, why, fix } = error;
  if (code === 'interrupted') {
    return new DeployError('interrupted', `Interrupted. ${state}`, { fix: again, cause: error });
  }
  const nothingForced = code === 'timeout' && !removeFinalizers ? ['Nothing was forced.'] : [];
  const details = {
    why: [...(why === undefined ? [] : [why]), state, ...nothingForced].join(' '),
    fix: [...(fix === undefined ? [] : [fix]), again].join(' '),
    findings,
    cause: error,
  };
  return new DeployError(code === 'refused' ? 'failed' : code, message, details);
}
