import { scalerOf } from '../../manifests/stamp.ts';
import { at, type Json, textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type LintFacts, manifestsOf } from '../facts.ts';
import { mayMatch } from '../labels.ts';
import { podsWith } from '../pods.ts';
import type { Flaw, Rule } from '../rule.ts';

export const pdbBlocksDrains: Rule = {
  id: 'pdb/blocks-drains',
  severity: 'warning',
  summary: 'a PodDisruptionBudget lets no pod move: node upgrades hang',
  fix: 'Use maxUnavailable: 1, or a minAvailable below the number of replicas.',
  run(facts) {
    return manifestsOf(facts, 'policy', 'PodDisruptionBudget').flatMap((manifest): Flaw[] => {
      const { body } = manifest;
      const [max, min] = [at(body, 'spec', 'maxUnavailable'), at(body, 'spec', 'minAvailable')];
      const cause = 'allows no pod to be moved: node upgrades hang';
      if (max === 0 || max === '0%' || max === '0') return [{ manifest, path: 'spec.maxUnavailable', cause }];
      const pods = podsOfBudget(manifest, facts);
      const needed = neededOf(min, pods);
      if (pods === undefined || pods === 0 || needed === undefined || needed < pods) return [];
      return [
        {
          manifest,
          path: 'spec.minAvailable',
          cause,
          evidence: [`minAvailable ${textOf(min)}, and there are ${pods} at the least`],
        },
      ];
    });
  },
};

/** How many pods it selects at the least; undefined where nobody can tell. */
function podsOfBudget({ body, ref }: Manifest, facts: LintFacts): number | undefined {
  const selected = podsWith(facts.pods, ref.namespace, (labels) => mayMatch(at(body, 'spec', 'selector'), labels));
  const counts = selected.map(({ manifest }) => {
    const scaler = scalerOf(manifest.body, facts.manifests);
    const count = scaler === undefined ? at(manifest.body, 'spec', 'replicas') : at(scaler, 'spec', 'minReplicas');
    if (manifest.ref.kind === 'Pod') return 1;
    if (manifest.ref.kind !== 'Deployment' && manifest.ref.kind !== 'StatefulSet') return undefined;
    return count === undefined ? 1 : typeof count === 'number' ? count : undefined;
  });
  return counts.reduce<number | undefined>(
    (all, one) => (all === undefined || one === undefined ? undefined : all + one),
    0,
  );
}

/** A share of the pods is rounded up (disruption controller). */
function neededOf(min: Json | undefined, pods = 0): number | undefined {
  if (typeof min === 'number') return min;
  const [, percent] = /^(\d+)%$/.exec(textOf(min)) ?? [];
  return percent === undefined ? undefined : Math.ceil((Number(percent) / 100) * pods);
}
