import { hookOf } from '../../manifests/hooks.ts';
import type { Hook } from '../../model/hook.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Change, Wave } from '../../model/plan.ts';
import { hookWave } from '../hooks.ts';
import { toWaves } from '../plan.ts';
import { type Prerequisites, prerequisitesIn, stepsOf, waveAfter } from '../prerequisites.ts';

/** Objects that may be applied at once, when all slots before are done. */
export interface Slot {
  /** The number of the plan's wave. */
  readonly wave: number;
  /** Of its own, and the same however many others there are: `workloads`, `before-migrate`. */
  readonly name: string;
  readonly manifests: readonly Manifest[];
  /** The slot is one Job, which runs to its end. */
  readonly hook?: Hook;
}

/**
 * The order of a first deploy: the waves of the plan, in them the hooks one by one, and an object after those of its own
 * wave that it needs.
 */
export function slotsOf(manifests: readonly Manifest[]): readonly Slot[] {
  const prerequisites = prerequisitesIn(manifests);
  const waves = toWaves(manifests.map((manifest) => creation(manifest, prerequisites)));
  return waves.flatMap((wave) => slotsIn(wave, prerequisites));
}

function creation(manifest: Manifest, prerequisites: Prerequisites): Change {
  const hook = hookOf(manifest.body);
  const wave = hook === undefined ? waveAfter(manifest, prerequisites) : hookWave[hook.run];
  const change = { op: 'create', manifest, fields: [], wave, notes: [], handOver: false, force: false } as const;
  return hook === undefined ? change : { ...change, hook };
}

function slotsIn({ number, name, changes }: Wave, prerequisites: Prerequisites): readonly Slot[] {
  const hooks = changes.flatMap(({ hook, manifest }) => {
    if (hook === undefined) return [];
    return [{ wave: number, name: slugOf(`${hook.run}-${manifest.ref.name}`), manifests: [manifest], hook }];
  });
  const steps = stepsOf(
    changes.filter(({ hook }) => hook === undefined),
    prerequisites,
  );
  const ordinary = steps.map((step, index) => ({
    wave: number,
    name: slugOf(index === 0 ? name : `${name}-${index + 1}`),
    manifests: step.map(({ manifest }) => manifest),
  }));
  return [...hooks, ...ordinary];
}

/** A text as a part of a name that Kubernetes and file systems take. */
export function slugOf(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9-]+/g, '-');
}

/** Whether an object may be bound only for the pods of a later wave. */
export function isClaim({ ref }: Pick<Manifest, 'ref'>): boolean {
  return ref.apiVersion === 'v1' && ref.kind === 'PersistentVolumeClaim';
}
