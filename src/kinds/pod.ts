import { at, textOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Readiness, ReplicaCount } from '../model/readiness.ts';
import type { World } from '../model/world.ts';
import { type Kind, related, unready } from './kind.ts';
import { podProblems, soak } from './pods/index.ts';
import { isTrue } from './replicas.ts';

function count(live: KubernetesObject): ReplicaCount {
  const done = isTrue(live, 'Ready') || at(live, 'status', 'phase') === 'Succeeded';
  return { desired: 1, updated: 1, ready: done ? 1 : 0 };
}

/** Ready: its condition Ready and the soak over, or it ended well. Failed: it ended badly for good, or a certain problem. */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const phase = at(live, 'status', 'phase');
  if (phase === 'Succeeded') return { state: 'ready', why: 'it has ended well' };
  const problems = podProblems([live], world, moment);
  if (phase === 'Failed') {
    const why = 'it has ended and is not started again';
    const fix = 'Read its log, delete it and run the same command again; a Deployment would start it again by itself.';
    const evidence = [`phase Failed ${textOf(at(live, 'status', 'reason'))}`.trim()];
    return { state: 'failed', why, problems: [{ id: 'pod/ended', cause: why, fix, evidence, certain: true }] };
  }
  if (!isTrue(live, 'Ready')) return unready('not ready', problems);
  const soaking = soak([live], 1, world, moment, 0);
  return soaking === undefined ? { state: 'ready' } : unready(soaking, problems);
}

export const pod: Kind = {
  group: '',
  kind: 'Pod',
  namespaced: true,
  wave: 4,
  related: [related.event],
  assess,
  pods: (live) => [live],
  count,
};
