import type { Finding } from '../../model/finding.ts';
import { at, numberOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { matchesSelector } from '../../model/selector.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, warningOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';

/** Budgets that hold up every drain of a node, and those that protect nothing. */
export const disruptionBudgetsCheck: Check = {
  id: 'pdb/budgets',
  summary: 'every PodDisruptionBudget has pods, and lets one of them move',
  commands: ['doctor'],
  needs: ['PodDisruptionBudget', 'Pod'],
  run(facts) {
    const budgets = liveOf(facts, 'PodDisruptionBudget');
    return {
      passed: budgets.length === 0 ? '' : 'every PodDisruptionBudget lets a pod move',
      findings: budgets.flatMap((live) => judge(live, facts)),
    };
  },
};

function judge(live: KubernetesObject, facts: Facts): readonly Finding[] {
  const ref = refOf(live);
  const problems = assessNow(live, facts.world).problems ?? [];
  const blocking = problems.map(({ id, fix, evidence }) =>
    warningOf(id, ref, 'allows no pod to be moved: node upgrades hang', `${fix} Then oms-deploy up.`, evidence),
  );
  if (!selectsNothing(live, facts)) return blocking;
  const cause = 'protects nothing: no pod or workload has the labels that it selects';
  const fix = 'Correct spec.selector, or the labels of the pod template, then oms-deploy up.';
  return [
    warningOf('pdb/no-pods', ref, cause, fix, [`selector ${JSON.stringify(at(live, 'spec', 'selector') ?? {})}`]),
  ];
}

/** A workload with zero replicas has no pods for now: its template's labels count, too. */
function selectsNothing(live: KubernetesObject, { world }: Facts): boolean {
  if (numberOf(at(live, 'status', 'expectedPods'), 0) > 0) return false;
  const selector = at(live, 'spec', 'selector');
  const templates = ['Deployment', 'StatefulSet'].flatMap((kind) => world.list(kind));
  const labels = [
    ...world.list('Pod').map(({ metadata }) => ({ metadata, labels: metadata.labels })),
    ...templates.map((one) => ({ metadata: one.metadata, labels: at(one, 'spec', 'template', 'metadata', 'labels') })),
  ];
  return !labels.some(
    (one) => one.metadata.namespace === live.metadata.namespace && matchesSelector(selector, one.labels),
  );
}
