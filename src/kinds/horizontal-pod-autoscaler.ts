import { at, stringOf } from '../model/json.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import type { Moment, Problem, Readiness } from '../model/readiness.ts';
import { timeMs, type World } from '../model/world.ts';
import { type Kind, unready } from './kind.ts';
import { conditionOf } from './replicas.ts';

/** The controller may look at an HPA before it can see a target that is just being made, and looks again after 15 s. */
const patienceMs = 30_000;
/** Its controller looks at each once in 15 s (--horizontal-pod-autoscaler-sync-period), and its status counts no generations. */
const periodMs = 20_000;
/** metrics-server measures new pods after a minute at the latest. */
const figuresPatienceMs = 90_000;

/**
 * Ready: it can scale its target. Without figures (ScalingActive False, FailedGet*) it is ready with a warning: pods run
 * all the same, they only don't scale. A target with zero replicas turns it off on purpose (ScalingDisabled).
 */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const able = conditionOf(live, 'AbleToScale');
  if (able === undefined) return beforeFirstLook(live, world);
  if (isOfBefore(able.lastTransitionTime, live, world, moment)) {
    return { state: 'progressing', why: 'its controller has not looked at the change yet' };
  }
  if (able.status === 'False') {
    const sinceMs = Math.max(timeMs(able.lastTransitionTime) ?? world.nowMs, moment.sinceMs);
    return unready('it cannot scale', [cannotScale(able.message, able.reason, world.nowMs - sinceMs >= patienceMs)]);
  }
  const active = conditionOf(live, 'ScalingActive');
  if (active?.status !== 'False') return { state: 'ready' };
  if (active.reason === 'ScalingDisabled')
    return { state: 'ready', why: 'its target has zero replicas: scaling is off' };
  const sinceMs = timeMs(active.lastTransitionTime) ?? world.nowMs;
  const isOld = world.nowMs - sinceMs >= figuresPatienceMs;
  const problems = isOld ? [noFigures(active.message, active.reason)] : [];
  return { state: 'ready', why: 'it has no figures yet', problems };
}

/**
 * Its controller looks once in 15 s. Where the target is there it will find it: nothing to keep a deploy waiting for. A kind
 * that isn't in the world may have no scale, which only the controller tells.
 */
function beforeFirstLook(live: KubernetesObject, world: World): Readiness {
  const why = 'its controller has not looked at it yet';
  return { state: world.get(targetOf(live)) === undefined ? 'progressing' : 'ready', why };
}

/**
 * A changed one whose condition may be of the target that it had before. Where the new target is there, the controller
 * will find it as well: nothing to wait for.
 */
function isOfBefore(transition: unknown, live: KubernetesObject, world: World, moment: Moment): boolean {
  if (!moment.isChanged || world.nowMs - moment.sinceMs >= periodMs) return false;
  return (timeMs(transition) ?? 0) < moment.sinceMs && world.get(targetOf(live)) === undefined;
}

function targetOf(live: KubernetesObject): ObjectRef {
  const target = at(live, 'spec', 'scaleTargetRef');
  const { namespace = '' } = live.metadata;
  const [apiVersion = '', kind = '', name = ''] = ['apiVersion', 'kind', 'name'].map((key) =>
    stringOf(at(target, key)),
  );
  return { apiVersion, kind, namespace, name };
}

function cannotScale(message: unknown, reason: unknown, certain: boolean): Problem {
  return {
    id: 'hpa/target',
    cause: `it can't scale its target: ${stringOf(message) ?? ''}`,
    fix: 'Correct scaleTargetRef: kind, name and apiVersion of the workload.',
    evidence: [`condition AbleToScale: False, ${stringOf(reason) ?? ''}: ${stringOf(message) ?? ''}`],
    certain,
  };
}

function noFigures(message: unknown, reason: unknown): Problem {
  return {
    id: 'hpa/metrics',
    cause: `it has no figures to scale by: ${stringOf(message) ?? ''}`,
    fix: 'Install metrics-server if the cluster has none; give the containers resource requests.',
    evidence: [`condition ScalingActive: False, ${stringOf(reason) ?? ''}: ${stringOf(message) ?? ''}`],
    certain: false,
  };
}

export const horizontalPodAutoscaler: Kind = {
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
  wave: 5,
  assess,
};
