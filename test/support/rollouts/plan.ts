import { type Random, randomOf } from './random.ts';
import { type BehaviorName, behaviors } from './scripts.ts';
import { specials } from './specials.ts';

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'Job';

/** Behaviours that the sandbox plays itself, by the tag of the image. */
const sandboxTags = ['1.4.2', 'slow-ready', 'restart-once', 'pull-recovers'] as const;

/** One workload of a rollout, and how its pods get well. */
export interface WorkloadPlan {
  readonly name: string;
  readonly kind: WorkloadKind;
  readonly replicas: number;
  readonly probe: boolean;
  /** Played by the test, or by the sandbox: then `tag` names it. */
  readonly pods: { readonly script: BehaviorName } | { readonly tag: string };
  /** What is there before the deploy: nothing, a revision that runs, one whose pods fail, or this very revision in trouble. */
  readonly before: 'nothing' | 'good' | 'crash' | 'image-not-found' | 'never-ready' | 'same';
  readonly extras: {
    readonly sidecar: boolean;
    readonly minReadySeconds: number;
    readonly recreate: boolean;
    readonly service: boolean;
    readonly hpa: boolean;
    /** Its pods take so long to end. */
    readonly drain: boolean;
  };
}

/** What the world does to a rollout while it goes on; `atMs` counts from the begin of the wait. */
export interface Disturbance {
  readonly atMs: number;
  readonly what: DisturbanceName;
  readonly forMs: number;
  /** Chooses the node, pod or event. */
  readonly choice: number;
  readonly workload: string;
}

export const disturbanceNames = [
  'cordon',
  'delete-node',
  'drain-node',
  'taint-node',
  'lose-node',
  'scale',
  'delete-pod',
  'evict-pod',
  'event',
] as const;
export type DisturbanceName = (typeof disturbanceNames)[number];

export interface RolloutPlan {
  readonly number: number;
  readonly seed: string;
  readonly nodes: number;
  readonly workloads: readonly WorkloadPlan[];
  readonly soakMs: number | undefined;
  readonly drainMs: number;
  /** A trouble from before the deploy that ends soon after its begin, without any change of the workload. */
  readonly trouble: 'quota' | 'no-node' | undefined;
  /** False: the trouble goes on. */
  readonly isMended: boolean;
  readonly disturbances: readonly Disturbance[];
}

/** The plan of one rollout: nothing but the seed and the number decide on it. */
export function planRollout(seed: string, number: number): RolloutPlan {
  const random = randomOf(`${seed}/${number}`);
  const special = specials[number - 1];
  const count = special === undefined ? random.pick([1, 1, 1, 2, 2, 3]) : 1;
  const names = ['a', 'b', 'c'].slice(0, count);
  const workloads = names.map((name) => ({ ...planWorkload(name, random.fork(name)), ...special?.workload }));
  const base = {
    number,
    seed,
    nodes: random.between(2, 3),
    workloads,
    soakMs: random.chance(0.25) ? undefined : random.pick([0, 500, 1_000, 2_000]),
    drainMs: 35_000,
    trouble: undefined,
    isMended: true,
    disturbances: planDisturbances(workloads, random.fork('disturbances')),
  };
  return { ...base, ...special?.plan };
}

function planWorkload(name: string, random: Random): WorkloadPlan {
  const kind = random.pick<WorkloadKind>([
    ...(['Deployment', 'Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'StatefulSet'] as const),
    ...(['DaemonSet', 'Job'] as const),
  ]);
  const scripted = random.chance(0.75);
  const script = random.pick(everyday);
  const pods = scripted ? { script } : { tag: random.pick(sandboxTags) };
  const before = kind === 'Job' ? 'nothing' : random.pick(befores);
  const isScalable = kind === 'Deployment';
  return {
    name,
    kind,
    replicas: random.between(1, kind === 'Job' ? 2 : 4),
    probe: (scripted && needsOf(script) === 'probe') || random.chance(0.6),
    pods,
    before,
    extras: {
      sidecar: random.chance(0.2),
      minReadySeconds: random.chance(0.15) && kind !== 'Job' ? 2 : 0,
      recreate: kind === 'Deployment' && random.chance(0.2),
      service: kind !== 'Job' && random.chance(0.4),
      hpa: isScalable && random.chance(0.15),
      drain: false,
    },
  };
}

const befores = ['nothing', 'nothing', 'good', 'good', 'crash', 'image-not-found', 'never-ready'] as const;

/** Scripts for any rollout: the others take long, or need the test's help. */
const everyday = [
  'steady',
  ...(Object.keys(behaviors) as BehaviorName[]).filter(
    (name) => !['config-lag', 'start-of-40-s', 'pull-mended', 'crash-mended'].includes(name),
  ),
] as const satisfies readonly [BehaviorName, ...BehaviorName[]];

/** What the pod template of a script must have. */
export function needsOf(script: BehaviorName): 'probe' | 'init' | undefined {
  const behavior = behaviors[script];
  return 'needs' in behavior ? behavior.needs : undefined;
}

/** Scripts that must go on in time: a kubelet that says nothing for a while would make certain failures of them. */
const punctual: ReadonlySet<string> = new Set(['pull-late', 'config-late'] satisfies BehaviorName[]);

/** Whether a rollout has a script that must go on in time. */
export function isPunctual({ workloads }: Pick<RolloutPlan, 'workloads'>): boolean {
  return workloads.some(({ pods }) => 'script' in pods && punctual.has(pods.script));
}

function planDisturbances(workloads: readonly WorkloadPlan[], random: Random): readonly Disturbance[] {
  // The EndpointSlice controller leaves out pods of a node that is gone, and tries again after minutes only.
  const hasService = workloads.some(({ extras }) => extras.service);
  const drawn = (): DisturbanceName => {
    const name = random.pick(disturbanceNames);
    return hasService && name === 'delete-node' ? 'cordon' : name;
  };
  return Array.from({ length: random.between(1, 4) }, () => ({
    atMs: random.between(0, 8_000),
    what: isPunctual({ workloads }) ? (drawn().replace('lose-node', 'cordon') as DisturbanceName) : drawn(),
    forMs: random.between(1_000, 9_000),
    choice: random.between(0, 1_000),
    workload: workloads[random.between(0, workloads.length - 1)]?.name ?? 'a',
  }));
}

/** The plan in words, for the report of a false alarm. */
export function describePlan(plan: RolloutPlan): string {
  const { workloads, disturbances, soakMs, nodes, trouble } = plan;
  const lines = workloads.map(({ name, kind, replicas, probe, pods, before, extras }) => {
    const more = Object.entries(extras).flatMap(([key, value]) => (value === false || value === 0 ? [] : [key]));
    const how = 'script' in pods ? pods.script : `sandbox ${pods.tag}`;
    const words = [`${kind} ${name} x${replicas}: ${how}`, probe ? 'probed' : 'no probe', `before: ${before}`, ...more];
    return words.join(', ');
  });
  return [
    ...lines,
    `${nodes} nodes, soak ${soakMs ?? 'default'}${trouble === undefined ? '' : `, trouble before: ${trouble}`}`,
    ...disturbances.map(
      ({ atMs, what, forMs, choice, workload }) => `${atMs} ms: ${what} (${workload}, ${choice}, for ${forMs} ms)`,
    ),
  ].join('\n');
}
