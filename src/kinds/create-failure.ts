import { formatSpan } from '../model/age.ts';
import { stringOf } from '../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../model/object.ts';
import type { Moment, Problem } from '../model/readiness.ts';
import { eventCount, eventTimeMs, timeMs, type World } from '../model/world.ts';
import { quote } from './pods/containers.ts';
import { conditionOf } from './replicas.ts';

/** A quota, a webhook or pod security that refuses pods may be changed by hand meanwhile: half a minute for that. */
const patienceMs = 30_000;

/**
 * Pods that the API server refuses to create, as their owner's controller reports it: a ReplicaSet by its condition
 * ReplicaFailure, the others by an Event.
 */
export function createFailures(owner: KubernetesObject, world: World, moment: Moment): readonly Problem[] {
  const condition = conditionOf(owner, 'ReplicaFailure');
  if (condition?.status === 'True') {
    return [problemOf(owner, stringOf(condition.message) ?? '', timeMs(condition.lastTransitionTime), '', world)];
  }
  if (owner.kind === 'ReplicaSet') return [];
  const event = world.eventsOf(owner.metadata.uid ?? '').findLast(({ reason }) => reason === 'FailedCreate');
  // An event stays for an hour: one that wasn't repeated for a minute, or is older than the apply, is over.
  if (event === undefined || eventTimeMs(event) < moment.sinceMs - 5000) return [];
  if (world.nowMs - eventTimeMs(event) > 60_000) return [];
  const age = ` (x${eventCount(event)}, ${formatSpan(world.nowMs - eventTimeMs(event))} ago)`;
  return [problemOf(owner, stringOf(event.message) ?? '', timeMs(event.firstTimestamp), age, world)];
}

function problemOf(
  owner: KubernetesObject,
  said: string,
  sinceMs: number | undefined,
  age: string,
  world: World,
): Problem {
  const message = quote(said);
  const { id, cause, fix } = explain(message);
  return {
    id,
    cause,
    fix,
    certain: world.nowMs - (sinceMs ?? world.nowMs) >= patienceMs,
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
