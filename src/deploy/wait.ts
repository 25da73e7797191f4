import type { Cluster, Scope } from '../cluster/cluster.ts';
import { DeployError, interrupted } from '../errors.ts';
import type { Host } from '../events.ts';
import { kindOf } from '../kinds/index.ts';
import { notObserved } from '../kinds/kind.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import { podEvidence } from './pod-evidence.ts';
import { watchObjects } from './watch-objects.ts';

export interface WaitRequest {
  readonly manifests: readonly Manifest[];
  readonly timeoutMs: number;
}

interface Tracked {
  readonly manifest: Manifest;
  readonly readiness: Readiness;
}

/**
 * Waits by watch until every workload among the manifests is ready.
 *
 * @throws DeployError `failed` at the first failure that is certain, `timeout` when the time is up: both with a
 *   finding for each workload that isn't ready, and what its pods say.
 */
export async function waitUntilReady(
  request: WaitRequest,
  cluster: Cluster,
  host: Host,
  signal: AbortSignal,
): Promise<void> {
  const workloads = request.manifests.filter(({ ref }) => kindOf(ref)?.assess !== undefined);
  if (workloads.length === 0) return;
  const startedMs = Date.now();
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, timeout, ended.signal]);
  const tracked = new Map<string, Tracked>(
    workloads.map((manifest) => [
      refKey(manifest.ref),
      { manifest, readiness: { state: 'progressing', why: 'not seen yet' } },
    ]),
  );

  const take = (object: KubernetesObject | undefined, ref: ObjectRef): void => {
    const entry = tracked.get(refKey(ref));
    if (entry === undefined) return;
    const readiness = judge(object, ref);
    tracked.set(refKey(ref), { ...entry, readiness });
    report(object, ref, readiness, entry.readiness, Date.now() - startedMs, host);
    const states = [...tracked.values()].map(({ readiness: { state } }) => state);
    if (states.includes('failed') || states.every((state) => state === 'ready')) ended.abort();
  };

  const outcomes = await Promise.allSettled(
    scopesOf(workloads).map((scope) => watchObjects(cluster, scope, take, stop)),
  );
  if (signal.aborted) throw interrupted();
  const unready = [...tracked.values()].filter(({ readiness }) => readiness.state !== 'ready');
  if (unready.length === 0) return;
  const broken = outcomes.find((outcome) => outcome.status === 'rejected');
  if (broken !== undefined && !timeout.aborted && !ended.signal.aborted) throw broken.reason;
  throw await notReady(unready, request.timeoutMs, cluster, signal);
}

function judge(object: KubernetesObject | undefined, ref: ObjectRef): Readiness {
  if (object === undefined) return { state: 'progressing', why: 'it has been deleted' };
  return kindOf(ref)?.assess?.(object) ?? { state: 'ready' };
}

function report(
  object: KubernetesObject | undefined,
  ref: ObjectRef,
  now: Readiness,
  before: Readiness,
  elapsedMs: number,
  host: Host,
): void {
  const count = object === undefined ? undefined : kindOf(ref)?.count?.(object);
  if (count === undefined || (now.state === before.state && now.why === before.why)) return;
  // Between the apply and the controller's first look nothing can be told: no news.
  if (now.state === 'progressing' && now.why === notObserved.why) return;
  if (now.state === 'ready') {
    const detail = `${count.ready}/${count.desired}${now.why === undefined ? '' : `, ${now.why}`}`;
    host.emit({ type: 'ready', object: ref, detail, elapsedMs });
  } else {
    host.emit({ type: 'progress', object: ref, ...count, why: now.why, elapsedMs });
  }
}

/** One watch a kind and namespace serves all its workloads. */
function scopesOf(workloads: readonly Manifest[]): readonly Scope[] {
  const scopes = new Map<string, Scope>();
  for (const { ref } of workloads) {
    const { apiVersion, kind, namespace } = ref;
    scopes.set(`${apiVersion}/${kind}/${namespace ?? ''}`, {
      apiVersion,
      kind,
      ...(namespace === undefined ? {} : { namespace }),
    });
  }
  return [...scopes.values()];
}

async function notReady(
  unready: readonly Tracked[],
  timeoutMs: number,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<DeployError> {
  const failed = unready.filter(({ readiness }) => readiness.state === 'failed');
  const findings = await Promise.all(
    (failed.length > 0 ? failed : unready).map((entry) => findingOf(entry, cluster, signal)),
  );
  const names = findings.flatMap(({ object }) => (object === undefined ? [] : [formatRef(object)])).join(', ');
  const left =
    'What was applied stays in place; pods of the version before keep serving where the new ones are not ready.';
  const fix = 'Correct the cause and run the same command again.';
  if (failed.length > 0)
    return new DeployError('failed', `The rollout failed: ${names}.`, { why: left, fix, findings });
  const seconds = Math.round(timeoutMs / 1000);
  return new DeployError('timeout', `Not ready after ${seconds} s: ${names}.`, {
    why: left,
    fix: `${fix} If it only needs longer: --timeout.`,
    findings,
  });
}

async function findingOf({ manifest, readiness }: Tracked, cluster: Cluster, signal: AbortSignal): Promise<Finding> {
  const { ref, origin } = manifest;
  const evidence = await podEvidence(manifest.body, cluster, signal);
  const why = readiness.why ?? 'not ready';
  const verb = readiness.state === 'failed' ? 'failed' : 'is not ready';
  return errorFinding(
    'rollout/not-ready',
    `${formatRef(ref)} ${verb}: ${why}.`.replace(/\.\.$/, '.'),
    'See what its pods say.',
    { object: ref, origin, evidence },
  );
}
