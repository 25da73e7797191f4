import { planRollout, type RolloutPlan, type WorkloadPlan } from './plan.ts';
import { plain } from './specials.ts';

/** A rollout that must fail, and the finding that it must fail with. */
export interface Fault {
  readonly plan: RolloutPlan;
  readonly finding: string;
}

type Row = readonly [finding: string, workload: Partial<WorkloadPlan>, plan?: Partial<RolloutPlan>];

/** Real faults, two of them from before the deploy. */
const rows: readonly Row[] = [
  ['pods/quota', { kind: 'Deployment', pods: { tag: '1' }, before: 'same' }, { trouble: 'quota', disturbances: [] }],
  ['pod/unschedulable', { kind: 'StatefulSet', pods: { tag: '1' } }, { nodes: 0, disturbances: [] }],
  ['image/denied', { kind: 'Deployment', pods: { tag: 'pull-denied' } }],
  ['container/crash', { kind: 'Deployment', pods: { tag: 'crash' }, before: 'same' }, { disturbances: [] }],
  ['image/not-found', { kind: 'Deployment', pods: { tag: 'image-not-found' }, before: 'same' }, { disturbances: [] }],
  ['container/crash', { kind: 'Deployment', pods: { tag: 'crash' }, before: 'good' }],
  ['container/crash', { kind: 'StatefulSet', pods: { tag: 'late-crash' }, probe: false }],
  ['container/oom', { kind: 'StatefulSet', pods: { tag: 'oom' } }],
  ['image/not-found', { kind: 'DaemonSet', pods: { tag: 'image-not-found' } }],
  ['config/missing', { kind: 'Deployment', pods: { tag: 'missing-config-key' } }],
  ['container/start', { kind: 'Deployment', pods: { tag: 'start-error' } }],
  ['job/failed', { kind: 'Job', replicas: 1, pods: { tag: 'crash' } }],
];

/** The faults, with the disturbances that any rollout has; they are numbered from `first` on. */
export function planFaults(seed: string, first: number): readonly Fault[] {
  return rows.map(([finding, workload, plan], index) => {
    const base = planRollout(seed, first + index);
    const [random] = base.workloads;
    if (random === undefined) throw new Error('a plan without a workload');
    const faulty = { ...random, before: 'nothing', ...workload, extras: plain } as const;
    const disturbances = base.disturbances.map((disturbance) => ({ ...disturbance, workload: 'a' }));
    return {
      finding,
      plan: { ...base, workloads: [faulty], disturbances, soakMs: undefined, isMended: false, ...plan },
    };
  });
}
