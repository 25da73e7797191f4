import { kindOf } from '../../kinds/index.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import type { Problem } from '../../model/readiness.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { liveWorkloads } from '../facts.ts';

/** Deployments and the like are complete, their pods ready: what isn't says why. */
export const workloadsCheck: Check = {
  id: 'pods/ready',
  summary: 'every workload has all its pods updated and ready',
  commands: ['verify', 'doctor'],
  needs: ['Pod'],
  run(facts) {
    const workloads = liveWorkloads(facts);
    const counts = workloads.map((live) => kindOf(live)?.count?.(live) ?? { desired: 0, ready: 0 });
    const desired = counts.reduce((sum, count) => sum + count.desired, 0);
    const ready = counts.reduce((sum, count) => sum + Math.min(count.ready, count.desired), 0);
    return {
      passed: `pods ${ready}/${desired} ready`,
      findings: workloads.flatMap((live) => {
        const readiness = assessNow(live, facts.world);
        const paused = live.kind === 'Deployment' && readiness.why === 'its rollout is paused';
        if (paused) {
          return [warningOf('pods/paused', refOf(live), 'is paused: changes of it start no pods', resumeHint(live))];
        }
        if (readiness.state === 'ready') return [];
        return distinct(readiness.problems ?? [])
          .map(({ id, cause, fix, evidence }) => problemOf(id, refOf(live), `is not ready: ${cause}`, fix, evidence))
          .concat(
            (readiness.problems ?? []).length > 0
              ? []
              : [
                  problemOf(
                    'pods/not-ready',
                    refOf(live),
                    `is not ready: ${readiness.why}`,
                    `See what its pods say: oms-deploy logs ${live.metadata.name ?? ''}.`,
                  ),
                ],
          );
      }),
    };
  },
};

function resumeHint(live: KubernetesObject): string {
  const { name = '', namespace = '' } = live.metadata;
  return `Resume it: kubectl rollout resume deployment/${name} -n ${namespace}  (${formatRef(refOf(live))}).`;
}

/** One of each cause; the proofs of all. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const byCause = new Map<string, Problem>();
  for (const problem of problems) {
    const key = `${problem.id} ${problem.subject ?? problem.cause}`;
    const known = byCause.get(key);
    byCause.set(
      key,
      known === undefined ? problem : { ...known, evidence: [...known.evidence, ...problem.evidence].slice(0, 3) },
    );
  }
  return [...byCause.values()];
}
