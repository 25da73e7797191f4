import type { Cluster } from '../cluster/cluster.ts';
import { DeployError } from '../errors.ts';
import { allPodsOf, kindOf, podsOf } from '../kinds/index.ts';
import { containersOf } from '../kinds/pods/containers.ts';
import { isAlive } from '../kinds/pods/index.ts';
import { isTrue } from '../kinds/replicas.ts';
import { selects } from '../kinds/service.ts';
import { podLabelsOf } from '../manifests/pod-template.ts';
import { countOf, formatSpan } from '../model/age.ts';
import type { Finding } from '../model/finding.ts';
import { formatRef, type KubernetesObject } from '../model/object.ts';
import type { Problem } from '../model/readiness.ts';
import { namesIn, sentence } from '../model/text.ts';
import type { World } from '../model/world.ts';
import { diagnose, type Patient } from '../verify/diagnosis.ts';
import { podStates } from '../verify/pod-states.ts';
import type { Tracked, Tracking } from './tracking.ts';

/** How a wait ended badly; with `timeoutMs` because its time was up. */
export interface BadEnd {
  readonly tracking: Tracking;
  readonly world: World;
  /** Kinds that may not be read, with the reason: what they would tell is missing. */
  readonly unread: ReadonlyMap<string, string>;
  readonly elapsedMs: number;
  readonly timeoutMs?: number;
  /** What to do, of a wait that no deploy of its own has begun. */
  readonly advice?: string | undefined;
}

/** What ready objects warn of: an HPA without figures, a budget that blocks drains. */
export function warningsOf({ entries }: Tracking): readonly Finding[] {
  return entries.flatMap(({ manifest: { ref, origin }, readiness }) =>
    (readiness.problems ?? []).map(({ id, cause, fix, evidence }): Finding => {
      return {
        id,
        severity: 'warning',
        object: ref,
        origin,
        cause: sentence(`${formatRef(ref)}: ${cause}`),
        evidence,
        fix,
      };
    }),
  );
}

/** The error for a wait that ended badly: a finding per root cause, and how things were left. */
export async function notReady(end: BadEnd, cluster: Cluster, signal: AbortSignal): Promise<DeployError> {
  const { tracking, world, unread, elapsedMs, timeoutMs, advice } = end;
  const failed = tracking.entries.filter(({ readiness }) => readiness.state === 'failed');
  const unready = tracking.entries.filter(({ readiness }) => readiness.state !== 'ready');
  const waiting = failed.length > 0 ? failed : unready;
  const shown = waiting.filter((entry) => !waiting.some((other) => isServedBy(entry, other)));
  const patients = shown.map((entry) => ({
    ...patientOf(entry, world),
    dependents: waiting.filter((other) => isServedBy(other, entry)).map(dependentOf),
  }));
  const findings = await diagnose(patients, world, cluster, signal);
  const names = namesIn(shown.map(({ manifest }) => formatRef(manifest.ref)));
  const written = advice === undefined ? ['What was applied stays in place; nothing was deleted.'] : [];
  const left = [...written, ...howLeft(tracking, world), ...forbidden(unread)];
  const details = { ...(left.length === 0 ? {} : { why: left.join(' ') }), findings };
  const fix = advice ?? 'Correct the cause, then run up again: it goes on where this one ended.';
  if (failed.length > 0) {
    return new DeployError('failed', `The rollout failed after ${formatSpan(elapsedMs)}: ${names}.`, {
      ...details,
      fix,
    });
  }
  return new DeployError('timeout', `Not ready after ${formatSpan(timeoutMs ?? elapsedMs)}: ${names}.`, {
    ...details,
    fix: `${fix} If it only needs longer: --timeout.`,
  });
}

/** Whether an entry is a Service whose pods another one is to bring: that it has none is no cause of its own. */
function isServedBy({ manifest: service }: Tracked, { manifest: workload }: Tracked): boolean {
  const isService = service.ref.kind === 'Service' && service.ref.namespace === workload.ref.namespace;
  return isService && kindOf(workload.ref)?.count !== undefined && selects(service.body, podLabelsOf(workload.body));
}

function dependentOf({ manifest, readiness }: Tracked): string {
  return `${formatRef(manifest.ref)}: ${readiness.why ?? 'not ready'}`;
}

function patientOf({ manifest, readiness }: Tracked, world: World): Patient {
  const why = readiness.why ?? 'not ready';
  const live = world.get(manifest.ref);
  const share = live === undefined ? undefined : shareOf(live, world);
  const problems = readiness.problems ?? [];
  const states = live === undefined ? [] : podStates(live, world);
  const hasPods = kindOf(manifest.ref)?.pods !== undefined;
  return {
    manifest,
    problems: problems.length > 0 ? problems : [unexplained(why, states, hasPods)],
    ...(share === undefined ? {} : { share }),
  };
}

/** Nothing in the cluster says more than that it isn't ready. */
function unexplained(why: string, evidence: readonly string[], hasPods: boolean): Problem {
  return {
    id: 'rollout/not-ready',
    cause: `not ready: ${why}`,
    general: `not ready: ${uncounted(why)}`,
    fix: hasPods ? 'See what its pods say: oms-deploy logs.' : 'See what its controller says: oms-deploy doctor.',
    evidence,
    certain: false,
  };
}

/** What workloads of any size wait for in the same words: `not all pods updated`, `old pods to end`. */
function uncounted(why: string): string {
  return why.replace(/\b\d+ (?:of \d+ )?((?:old )?pod)s? to\b/, '$1s to').replace(/\b\d+ of \d+\b/, 'not all');
}

/** `1 of 3 new pods ready; still serving: 3 old pods`. */
function shareOf(live: KubernetesObject, world: World): string | undefined {
  const kind = kindOf(live);
  const count = kind?.count?.(live);
  if (kind?.pods === undefined || count === undefined) return undefined;
  const fresh = kind.pods(live, world).filter(isReady).length;
  const old = oldPods(live, world).filter(isReady).length;
  return `${fresh} of ${countOf(count.desired, 'new pod')} ready${old > 0 ? `; still serving: ${countOf(old, 'old pod')}` : ''}`;
}

/** The pods of a workload's older revisions. */
function oldPods(live: KubernetesObject, world: World): readonly KubernetesObject[] {
  const fresh = new Set(podsOf(live, world));
  return allPodsOf(live, world).filter((pod) => isAlive(pod) && !fresh.has(pod));
}

function isReady(pod: KubernetesObject): boolean {
  return isTrue(pod, 'Ready');
}

/** Without the rights to see why, a cause may stay dark: the reader should ask for them. */
function forbidden(unread: ReadonlyMap<string, string>): readonly string[] {
  const kinds = [...unread]
    .filter(([, reason]) => reason.startsWith('403'))
    .map(([kind]) => kind)
    .sort();
  if (kinds.length === 0) return [];
  return [`You may not list and watch ${kinds.join(', ')} here: what they would say of the cause is missing.`];
}

/** What a half done rollout leaves to its users: the version before, by its images. */
function stillServing(live: KubernetesObject, world: World): readonly string[] {
  const fresh = podsOf(live, world).filter(isReady).length;
  const old = oldPods(live, world).filter(isReady);
  if (old.length === 0 || fresh >= (kindOf(live)?.count?.(live).desired ?? 0)) return [];
  const images = new Set(old.flatMap(containersOf).map(({ image }) => image));
  return [`${live.metadata.name ?? ''} still serves ${[...images].join(', ')} with ${countOf(old.length, 'pod')}`];
}

/** What serves now: nothing is undone, and the reader must know what that means. */
function howLeft({ entries }: Tracking, world: World): readonly string[] {
  const workloads = entries.filter(({ manifest }) => kindOf(manifest.ref)?.count !== undefined);
  const ready = workloads
    .filter(({ readiness }) => readiness.state === 'ready')
    .map(({ manifest }) => manifest.ref.name);
  const unready = workloads.filter(({ readiness }) => readiness.state !== 'ready');
  const served = unready.flatMap(({ manifest }) => {
    const live = world.get(manifest.ref);
    return live === undefined ? [] : stillServing(live, world);
  });
  return [...(ready.length > 0 ? [`Ready: ${namesIn(ready)}.`] : []), ...served.map((text) => `${text}.`)];
}
