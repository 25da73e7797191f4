import type { RolloutPlan, WorkloadKind, WorkloadPlan } from './plan.ts';
import type { BehaviorName } from './scripts.ts';

/** What is fixed of a rollout; the rest is random. */
export interface Special {
  readonly workload: Partial<WorkloadPlan>;
  readonly plan?: Partial<RolloutPlan>;
}

/** A workload without any extras. */
export const plain = { sidecar: false, minReadySeconds: 0, recreate: false, service: false, hpa: false, drain: false };

/** The first rollouts: what takes long, or has a past. They begin first, so that nobody waits for them at the end. */
export const specials: readonly Special[] = [
  past('quota'),
  past('no-node'),
  ...(['StatefulSet', 'DaemonSet', 'Job'] as const).map(oneRefusal),
  ...(['Deployment', 'StatefulSet'] as const).map(longDrain),
  ...(['Deployment', 'StatefulSet', 'DaemonSet'] as const).flatMap((kind) => [
    { workload: { kind, pods: { script: 'config-lag' as const }, extras: plain } },
    rerun(kind, 'pull-mended'),
    rerun(kind, 'crash-mended'),
  ]),
];

/** Trouble that is older than the deploy, and ends when it begins. */
function past(trouble: 'quota' | 'no-node'): Special {
  const pods = { script: 'steady' } as const;
  const workload = { kind: 'Deployment', replicas: 2, pods, before: 'same', extras: plain } as const;
  return { workload, plan: { trouble, disturbances: [] } };
}

/** One pod is refused once; then comes a start that outlasts the patience with refusals. */
function oneRefusal(kind: WorkloadKind): Special {
  const pods = { script: 'start-of-40-s' } as const;
  const workload = { kind, replicas: 1, probe: true, pods, before: 'nothing', extras: plain } as const;
  return { workload, plan: { disturbances: [{ atMs: 1_500, what: 'event', forMs: 0, choice: 4, workload: 'a' }] } };
}

/** Old pods serve their connections for longer than the patience with a Service without pods. */
function longDrain(kind: WorkloadKind): Special {
  const extras = { ...plain, service: true, recreate: kind === 'Deployment', drain: true };
  const pods = { script: 'steady' } as const;
  const workload = { kind, replicas: 1, probe: true, pods, before: 'good', extras } as const;
  return { workload, plan: { disturbances: [] } };
}

/** The cause is mended outside, and the same command run once more: what the pods went through before is over. */
function rerun(kind: WorkloadKind, script: BehaviorName): Special {
  return { workload: { kind, pods: { script }, before: 'same', extras: plain }, plan: { disturbances: [] } };
}
