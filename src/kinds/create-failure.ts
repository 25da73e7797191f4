import { formatSpan } from '../model/age.ts';
import { at, numberOf, stringOf } from '../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../model/object.ts';
import type { Moment, Problem } from '../model/readiness.ts';
import { eventCount, eventTimeMs, timeMs, type World } from '../model/world.ts';
import { isOlderThanWait, quote } from './pods/containers.ts';
import { isAlive } from './pods/index.ts';
import { conditionOf } from './replicas.ts';

/** A quota, a webhook or pod security that refuses pods may be changed by hand meanwhile: half a minute for that. */
const patienceMs = 30_000;

/**
 * Pods that the API server refuses to create, as their owner's controller reports it: a ReplicaSet by its condition
 * ReplicaFailure, the others by Events. The patience begins with the wait, and needs a refusal of this wait: a quota may
 * have been raised just before, and controllers try again after minutes only.
 */
export function createFailures(owner: KubernetesObject, world: World, moment: Moment): readonly Problem[] {
  const refusals = refusalsOf(owner, world, moment);
  const isProven = refusals.length > 0 || !isOlderThanWait(owner, moment) || !world.isKnown('Event');
  const condition = conditionOf(owner, 'ReplicaFailure');
  if (condition?.status === 'True') {
    const sinceMs = Math.max(timeMs(condition.lastTransitionTime) ?? world.nowMs, moment.sinceMs);
    const isCertain = isProven && world.nowMs - sinceMs >= patienceMs;
    return [problemOf(owner, stringOf(condition.message) ?? '', isCertain, '')];
  }
  const last = refusals.at(-1);
  if (owner.kind === 'ReplicaSet' || last === undefined || !missesPods(owner, world)) return [];
  // An event stays for an hour: one that wasn't repeated for a minute is over.
  if (world.nowMs - eventTimeMs(last) > 60_000) return [];
  const age = ` (x${eventCount(last)}, ${formatSpan(world.nowMs - eventTimeMs(last))} ago)`;
  const sinceMs = Math.max(Math.min(...refusals.map(firstTimeMs)), moment.sinceMs);
  return [problemOf(owner, stringOf(last.message) ?? '', world.nowMs - sinceMs >= patienceMs, age)];
}

/** The refusals of this wait that no pod has followed, oldest first: each may name another pod that was to be. */
function refusalsOf(owner: KubernetesObject, world: World, moment: Moment): readonly KubernetesObject[] {
  const events = world.eventsOf(owner.metadata.uid ?? '');
  const created = events.findLast(({ reason }) => reason === 'SuccessfulCreate');
  // Clocks differ a little; but what is older than the wait itself may have been refused before it.
  const fromMs = isOlderThanWait(owner, moment) ? moment.sinceMs : moment.sinceMs - 5000;
  return events
    .filter(({ reason }) => reason === 'FailedCreate')
    .filter((event) => eventTimeMs(event) >= fromMs)
    .filter((event) => created === undefined || eventTimeMs(event) > eventTimeMs(created));
}

function firstTimeMs(event: KubernetesObject): number {
  return timeMs(event.firstTimestamp) ?? eventTimeMs(event);
}

/** False where a controller has all the pods that it wants: what was refused has been created since. */
function missesPods(owner: KubernetesObject, world: World): boolean {
  const { kind, spec, status } = owner;
  const pods = world.ownedBy(owner.metadata.uid ?? '', 'Pod').filter(isAlive);
  const done = pods.filter((pod) => at(pod, 'status', 'phase') === 'Succeeded').length;
  if (kind === 'StatefulSet') return pods.length < numberOf(at(spec, 'replicas'), 1);
  if (kind === 'DaemonSet') return pods.length < numberOf(at(status, 'desiredNumberScheduled'), 0);
  if (kind !== 'Job') return true;
  // A pod that has just done its work is not counted by the controller yet.
  const left = numberOf(at(spec, 'completions'), 1) - Math.max(done, numberOf(at(status, 'succeeded'), 0));
  return pods.length - done < Math.min(numberOf(at(spec, 'parallelism'), 1), left);
}

function problemOf(owner: KubernetesObject, said: string, certain: boolean, age: string): Problem {
  const message = quote(said);
  const { id, cause, fix } = explain(message);
  return {
    id,
    cause,
    fix,
    certain,
    evidence: [`${formatRef(refOf(owner))}: FailedCreate${age}: ${message}`],
  };
}

function explain(message: string): Pick<Problem, 'id' | 'cause' | 'fix'> {
  const quota = /exceeded quota: (.+)$/.exec(message)?.[1];
  if (quota !== undefined) {
    return {
      id: 'pods/quota',
      cause: `the ResourceQuota lets no more pods in: ${quota}`,
      fix: 'Raise the quota, or lower requests and replicas.',
    };
  }
  const violation = /violates PodSecurity (.+)$/.exec(message)?.[1];
  if (violation !== undefined) {
    return {
      id: 'pods/security',
      cause: `pod security refuses its pods: ${violation}`,
      fix: 'Correct securityContext in the pod template as it says, or the namespace label.',
    };
  }
  const account = /serviceaccount "([^"]+)" not found/i.exec(message)?.[1];
  if (account !== undefined) {
    return {
      id: 'pods/service-account',
      cause: `there is no ServiceAccount ${account}`,
      fix: `Deploy ServiceAccount ${account} with the manifests, or correct serviceAccountName.`,
    };
  }
  const webhook = /webhook "([^"]+)"/.exec(message)?.[1];
  if (webhook !== undefined) {
    return {
      id: 'pods/webhook',
      cause: `the admission webhook ${webhook} refuses its pods: ${message}`,
      fix: 'Look at the pods behind the webhook; correct what it objects to.',
    };
  }
  return { id: 'pods/refused', cause: `its pods are refused: ${message}`, fix: 'Correct what the API server says.' };
}
