import { allPodsOf } from '../../kinds/index.ts';
import { isAlive } from '../../kinds/pods/index.ts';
import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, isObject, stringOf, textOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { matchesSelector } from '../../model/selector.ts';
import type { World } from '../../model/world.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';

/** The workload that an HPA scales, where it is known. */
export function targetOf(scaler: KubernetesObject, world: World): KubernetesObject | undefined {
  const target = at(scaler, 'spec', 'scaleTargetRef');
  const read = (key: string): string => stringOf(at(target, key)) ?? '';
  const { namespace = '' } = scaler.metadata;
  return world.get({ apiVersion: read('apiVersion'), kind: read('kind'), namespace, name: read('name') });
}

/** An HPA counts the pods that the selector matches, not those that its target owns (kubernetes#87935). */
export const hpaSelectorCheck: Check = {
  id: 'hpa/selector',
  summary: "no HPA averages over pods that aren't its target's",
  commands: ['doctor'],
  needs: ['HorizontalPodAutoscaler', 'Pod', 'ReplicaSet'],
  run(facts) {
    const scalers = liveOf(facts, 'HorizontalPodAutoscaler');
    return {
      passed: scalers.length === 0 ? '' : "every HPA counts its target's pods only",
      findings: scalers.flatMap((scaler) => judge(scaler, facts)),
    };
  },
};

function judge(scaler: KubernetesObject, { world }: Facts): readonly Finding[] {
  const target = targetOf(scaler, world);
  const selector = at(target, 'spec', 'selector');
  if (target === undefined || !isObject(selector)) return [];
  const own = new Set(allPodsOf(target, world));
  const foreign = world
    .list('Pod')
    .filter((pod) => pod.metadata.namespace === target.metadata.namespace && isAlive(pod))
    .filter((pod) => matchesSelector(selector, pod.metadata.labels) && !own.has(pod));
  if (foreign.length === 0) return [];
  const names = foreign.slice(0, 3).map(({ metadata }) => metadata.name ?? '');
  const more = foreign.length > names.length ? ` and ${foreign.length - names.length} more` : '';
  const labels = Object.entries(isObject(selector.matchLabels) ? selector.matchLabels : {});
  const shown = labels.map(([key, value]) => `${key}=${textOf(value)}`).join(', ');
  const cause =
    `also averages over ${countOf(foreign.length, 'pod')} of others, which the selector of ` +
    `${formatRef(refOf(target))} matches: ${names.join(', ')}${more}`;
  const fix = `Give those pods other labels than ${shown}; the selector of a workload can't be changed.`;
  const evidence = foreign.slice(0, 3).map((pod) => `pod ${pod.metadata.name ?? ''} belongs to ${ownersOf(pod)}`);
  return [problemOf('hpa/selector', refOf(scaler), cause, fix, evidence)];
}

function ownersOf(pod: KubernetesObject): string {
  const owners = arrayOf(pod.metadata.ownerReferences).map(
    (owner) => `${stringOf(at(owner, 'kind')) ?? ''} ${stringOf(at(owner, 'name')) ?? ''}`,
  );
  return owners.join(', ') || 'nobody';
}
