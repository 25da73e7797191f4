import { quote } from '../../kinds/pods/containers.ts';
import { conditionOf } from '../../kinds/replicas.ts';
import type { Finding } from '../../model/finding.ts';
import { at, objectOf, stringOf, textOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { parseQuantity, percentOf } from '../../model/quantity.ts';
import { eventTimeMs } from '../../model/world.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import type { Facts } from '../facts.ts';
import { type Shortage, shortageOf } from '../quota-room.ts';

const nearlyFull = 90;
/** The controllers try a refused pod again within minutes: what wasn't repeated for so long is over. */
const recentMs = 10 * 60_000;

/** A full quota refuses pods without a sign on the Deployment (kubernetes#96634): the next rollout hangs. */
export const quotaCheck: Check = {
  id: 'quota/room',
  summary: 'the ResourceQuotas of the namespace have room, and refuse no pods',
  commands: ['doctor', 'preflight'],
  needs: ['ResourceQuota'],
  run(facts) {
    const quotas = facts.world.list('ResourceQuota').filter(({ metadata }) => metadata.namespace === facts.namespace);
    const { ahead } = facts;
    return {
      passed: quotas.length === 0 ? '' : 'the ResourceQuotas of the namespace have room',
      findings: quotas.flatMap((quota) =>
        ahead === undefined ? judge(quota, refusalsBy(quota, facts)) : foresee(quota, shortageOf(quota, facts, ahead)),
      ),
    };
  },
};

/** Whether the plan will fit: without a warning its pods would be refused one by one, minutes after the deploy began. */
function foresee(quota: KubernetesObject, { now, later, silent }: Shortage): readonly Finding[] {
  const ref = refOf(quota);
  const isOurs = quota.metadata.labels?.['app.kubernetes.io/part-of'] === quota.metadata.name;
  const fix = `Raise the quota, or lower requests and replicas, and deploy again.${isOurs ? ' One of the add-on quota grows with --with quota; leave that out in a deploy of its own.' : ''}`;
  return [
    ...(now.length === 0 ? [] : [problemOf('quota/room', ref, 'has no room for the plan', fix, now)]),
    ...(silent.length === 0
      ? []
      : [
          problemOf(
            'quota/room',
            ref,
            'refuses pods of the plan, because they do not say what it counts',
            'Set these under resources of the containers, or add a LimitRange with defaults.',
            silent,
          ),
        ]),
    ...(later.length === 0
      ? []
      : [warningOf('quota/room', ref, 'has no room for a rollout at the maximum of the HPAs', fix, later)]),
  ];
}

function judge(quota: KubernetesObject, refusals: readonly string[]): readonly Finding[] {
  const hard = objectOf(at(quota, 'status', 'hard'));
  const used = objectOf(at(quota, 'status', 'used'));
  const full = Object.keys(hard).flatMap((name) => {
    const percent = percentOf(parseQuantity(used[name]), parseQuantity(hard[name]));
    if (percent === undefined || percent < nearlyFull) return [];
    return [`${name} ${textOf(used[name])} of ${textOf(hard[name])} (${percent} %)`];
  });
  const ref = refOf(quota);
  const fix = 'Raise the quota, or lower requests and replicas, then run oms-deploy doctor again.';
  if (refusals.length > 0) {
    const state = full.length > 0 ? ` because it is used up: ${full.join(', ')}` : '';
    return [problemOf('quota/refused', ref, `refuses pods${state}`, fix, refusals.slice(0, 3))];
  }
  if (full.length === 0) return [];
  const cause = `is nearly used up: ${full.join(', ')}; a rollout or a scale-up may hang`;
  return [warningOf('quota/room', ref, cause, fix)];
}

/** Who was refused a pod by this quota a short time ago: in an event, or in the condition of a ReplicaSet. */
function refusalsBy(quota: KubernetesObject, { world, namespace }: Facts): readonly string[] {
  const isOurs = (message: string): boolean => message.includes(`exceeded quota: ${quota.metadata.name ?? ''},`);
  const failing = world
    .list('ReplicaSet')
    .filter(({ metadata }) => metadata.namespace === namespace)
    .flatMap((owner) => {
      const condition = conditionOf(owner, 'ReplicaFailure');
      const message = stringOf(condition?.message) ?? '';
      return condition?.status === 'True' && isOurs(message)
        ? [{ who: formatRef(refOf(owner)), message: quote(message) }]
        : [];
    });
  const events = world
    .list('Event')
    .filter((event) => event.reason === 'FailedCreate' && world.nowMs - eventTimeMs(event) < recentMs)
    .filter((event) => isOurs(stringOf(event.message) ?? ''))
    .map((event) => {
      const [kind, name] = ['kind', 'name'].map((key) => textOf(at(event, 'involvedObject', key)));
      return { who: `${kind ?? ''} ${namespace}/${name ?? ''}`, message: quote(stringOf(event.message) ?? '') };
    });
  // The pods' random names make every message another one: the newest of each owner is enough.
  const newest = new Map([...events, ...failing].map(({ who, message }) => [who, message]));
  return [...newest].map(([who, message]) => `${who}: ${message}`);
}
