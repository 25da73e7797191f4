import { selects } from '../../kinds/service.ts';
import { typesOf } from '../../manifests/network/simulate.ts';
import { podLabelsOf } from '../../manifests/pod-template.ts';
import { isPartOf } from '../../manifests/stamp.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef, type KubernetesObject, refKey, refOf } from '../../model/object.ts';
import { matchesSelector } from '../../model/selector.ts';
import { type Check, warningOf } from '../check.ts';
import type { Facts } from '../facts.ts';

const directions = ['ingress', 'egress'] as const;
type Direction = (typeof directions)[number];

/** A default deny of somebody else, as platform teams set it, cuts pods off without a sign on them. */
export const networkPoliciesCheck: Check = {
  id: 'network/default-deny',
  summary: 'no NetworkPolicy that is there cuts off the pods of the plan',
  commands: ['preflight'],
  needs: ['NetworkPolicy'],
  run(facts) {
    const own = new Set(facts.declared.map(({ ref }) => refKey(ref)));
    const isDeclared = (policy: KubernetesObject): boolean => own.has(refKey(refOf(policy)));
    // What was deployed for this application and isn't in its manifests any more goes with this deploy.
    const policies = facts.world
      .list('NetworkPolicy')
      .filter(({ metadata }) => metadata.namespace === facts.namespace)
      .filter((policy) => isDeclared(policy) || !isPartOf(policy, facts.application));
    const foreign = policies.filter((policy) => !isDeclared(policy));
    return {
      passed: foreign.length === 0 ? '' : 'the NetworkPolicies of the namespace let the pods through',
      findings: foreign.flatMap((policy) => judge(policy, policies, facts)),
    };
  },
};

function judge(policy: KubernetesObject, all: readonly KubernetesObject[], facts: Facts): readonly Finding[] {
  const cut = directions.flatMap((direction) => {
    const names = workloadsOf(facts, direction)
      .filter(({ body }) => isCutOff(podLabelsOf(body), direction, policy, all))
      .map(({ ref }) => formatRef(ref));
    const what = direction === 'ingress' ? 'nothing reaches' : 'nothing can be reached by';
    return names.length === 0 ? [] : [`${direction}: ${what} the pods of ${names.join(', ')}`];
  });
  if (cut.length === 0) return [];
  const cause = 'denies by default, and no other policy allows anything for pods of the plan';
  const fix = 'Add a NetworkPolicy that allows what they need (egress: DNS first), or ask who has set this one.';
  return [warningOf('network/default-deny', refOf(policy), cause, fix, cut)];
}

/** Incoming traffic is missed only by pods behind a Service of the plan. */
function workloadsOf({ declared, namespace }: Facts, direction: Direction): readonly Manifest[] {
  const services = declared.filter(({ ref }) => ref.kind === 'Service' && ref.namespace === namespace);
  return declared
    .filter(({ ref, body }) => ref.namespace === namespace && Object.keys(podLabelsOf(body)).length > 0)
    .filter(
      ({ body }) => direction === 'egress' || services.some((service) => selects(service.body, podLabelsOf(body))),
    );
}

/** Policies add up: one that allows something is a decision of somebody who knows. */
function isCutOff(
  labels: unknown,
  direction: Direction,
  policy: KubernetesObject,
  all: readonly KubernetesObject[],
): boolean {
  const applies = (one: KubernetesObject): boolean =>
    typesOf(one).includes(direction) && matchesSelector(at(one, 'spec', 'podSelector'), labels);
  return applies(policy) && !all.some((one) => applies(one) && arrayOf(at(one, 'spec', direction)).length > 0);
}
