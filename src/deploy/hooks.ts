import { isTrue } from '../kinds/replicas.ts';
import { hookOf } from '../manifests/hooks.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import type { Finding } from '../model/finding.ts';
import type { Hook } from '../model/hook.ts';
import { formatRef, type KubernetesObject, refKey } from '../model/object.ts';
import { type Change, changesOf, type Plan } from '../model/plan.ts';
import type { Release } from '../model/release.ts';
import { timeMs } from '../model/world.ts';
import { withoutSecrets } from '../releases/secrets.ts';
import { renewedAnnotation } from './images/pull-secret.ts';
import { toWaves } from './plan.ts';
import type { Desired } from './planned.ts';
import { isRecorded, secretsIn } from './release-of.ts';

/** Before the workloads, and after everything: waves that annotations choose end at 99. */
export const hookWave: Readonly<Record<Hook['run'], number>> = { before: 4, after: 100 };

/**
 * Decides which hooks a release runs. A hook runs where workloads, configuration or its own Job change, and where an
 * earlier run of the same release has not brought it to its end: a deploy that has nothing to do runs none.
 */
export function planHooks(
  plan: Plan,
  desired: Desired,
  latest: Release | undefined,
): { readonly plan: Plan; readonly findings: readonly Finding[] } {
  const { runsHooks } = desired;
  const changes = changesOf(plan);
  if (changes.every(({ hook }) => hook === undefined)) return { plan, findings: [] };
  const recorded = new Map(
    (latest?.objects ?? []).map((object) => [refKey(object.ref), withoutSecrets(object)] as const),
  );
  const hasSecret = secretsIn(desired);
  const isNews = changes.some(changesWhatRuns);
  const decided = changes.map((change) => {
    const { hook } = change;
    if (hook === undefined) return change;
    const isStale = isNews || !isRecorded(change, recorded, hasSecret) || isUnfinished(change, latest);
    const mayRun = hook.delete !== 'never' || change.live === undefined || !isTrue(change.live, 'Complete');
    return runsHooks && isStale && mayRun ? running(change, hook) : resting(change);
  });
  return { plan: { ...plan, waves: toWaves(decided) }, findings: runsHooks ? [] : notRun(changes) };
}

/** What a hook prepares, or tests. A token that every run gets anew is no change of it. */
function changesWhatRuns({ op, hook, manifest: { ref, body } }: Change): boolean {
  if (hook !== undefined || hookOf(body) !== undefined || (op !== 'create' && op !== 'update')) return false;
  if (podTemplateOf(body) !== undefined || ref.kind === 'Pod' || ref.kind === 'ExternalSecret') return true;
  const isConfig = ref.apiVersion === 'v1' && (ref.kind === 'ConfigMap' || ref.kind === 'Secret');
  return isConfig && body.metadata.annotations?.[renewedAnnotation] === undefined;
}

/** The newest release has ended before its hook had: by a failure, or by a kill. */
function isUnfinished({ live }: Change, latest: Release | undefined): boolean {
  if (latest === undefined || latest.status === 'deployed') return false;
  if (live === undefined || !isTrue(live, 'Complete')) return true;
  // Times of objects are exact to a second.
  const startedMs = Math.floor(Date.parse(latest.startedAt) / 1000) * 1000;
  return (timeMs(live.metadata.creationTimestamp) ?? 0) < startedMs;
}

function running(change: Change, hook: Hook): Change {
  const when = hook.run === 'before' ? 'runs before the workloads' : 'runs after the workloads';
  const isGoingOn = canGoOn(change, change.live);
  const note = isGoingOn ? `${when}: it is running already, and is waited for` : when;
  return { ...change, wave: hookWave[hook.run], notes: [note, ...change.notes] };
}

/** It stays as it is, there or not. */
function resting(planned: Change): Change {
  const { hook: _, isSameJob: __, ...change } = planned;
  return { ...change, op: 'unchanged', fields: [], notes: [] };
}

/** Whether the Job that is there is this very run: it hasn't ended, or must not run twice. */
export function canGoOn({ hook, live, isSameJob }: Change, now: KubernetesObject | undefined): boolean {
  if (now === undefined || isSameJob !== true || now.metadata.uid !== live?.metadata.uid) return false;
  if (now.metadata.deletionTimestamp !== undefined) return false;
  return hook?.delete === 'never' || !(isTrue(now, 'Complete') || isTrue(now, 'Failed'));
}

function notRun(changes: readonly Change[]): readonly Finding[] {
  const names = changes.filter(({ hook }) => hook !== undefined).map(({ manifest }) => formatRef(manifest.ref));
  return [
    {
      id: 'hooks/not-run',
      severity: 'info',
      cause: `${names.join(', ')}: hooks are run by up alone. An older migration must not run against a newer schema.`,
      evidence: [],
      fix: 'Check that what comes back works with the data as it is now.',
    },
  ];
}
