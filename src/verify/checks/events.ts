import { quote } from '../../kinds/pods/containers.ts';
import { formatSpan } from '../../model/age.ts';
import { at, numberOf, stringOf, textOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { eventCount, eventTimeMs, timeMs, type World } from '../../model/world.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, warningOf } from '../check.ts';

const recentMs = 10 * 60_000;
/** Every rollout has these for a moment: probes of a pod that starts or stops, a pod that waits for room. */
const usual: ReadonlySet<string> = new Set(['Unhealthy', 'FailedScheduling', 'NodeNotReady']);

/** Warning events of the last ten minutes about objects that are still there. */
export const eventsCheck: Check = {
  id: 'events/warnings',
  summary: 'no Warning events in the last 10 minutes about objects that exist',
  commands: ['verify', 'doctor'],
  needs: ['Event'],
  run({ world }) {
    const recent = world
      .list('Event')
      .filter(({ type, reason }) => type === 'Warning' && !usual.has(stringOf(reason) ?? ''))
      .filter((event) => world.nowMs - eventTimeMs(event) < recentMs);
    const byObject = new Map<string, { readonly object: KubernetesObject; readonly event: KubernetesObject }>();
    for (const event of recent) {
      const object = subjectOf(event, world.list(stringOf(at(event, 'involvedObject', 'kind')) ?? ''));
      if (object !== undefined && !isOver(event, object, world))
        byObject.set(`${textOf(event.reason)} ${object.metadata.uid ?? ''}`, { object, event });
    }
    return {
      passed: 'no Warning events in the last 10 min',
      findings: [...byObject.values()].map(({ object, event }) => {
        const age = `x${eventCount(event)}, ${formatSpan(world.nowMs - eventTimeMs(event))} ago`;
        const reason = stringOf(event.reason) ?? '';
        const evidence = [`event ${reason} (${age}): ${quote(stringOf(event.message) ?? '')}`];
        const { kind, metadata } = object;
        const place = metadata.namespace === undefined ? '' : ` -n ${metadata.namespace}`;
        const fix = `See all that happened to it: kubectl describe ${kind.toLowerCase()} ${metadata.name ?? ''}${place}.`;
        return warningOf(
          'events/warnings',
          refOf(object),
          `had a Warning event in the last 10 min: ${reason}`,
          fix,
          evidence,
        );
      }),
    };
  },
};

/** For so long a new HPA may have no figures: metrics-server hasn't measured its pods yet. */
const firstFiguresMs = 2 * 60_000;
const figuresMissing: ReadonlySet<string> = new Set([
  'FailedGetResourceMetric',
  'FailedGetContainerResourceMetric',
  'FailedComputeMetricsReplicas',
]);

/**
 * Pods that were refused for a while, and are there by now; an HPA that only waited for its first figures; a Service whose
 * address the API server has booked once more: address and Service are not written at once (kubernetes#37488).
 */
function isOver(event: KubernetesObject, object: KubernetesObject, world: World): boolean {
  const reason = stringOf(event.reason) ?? '';
  const { kind, metadata, spec, status } = object;
  if (kind === 'HorizontalPodAutoscaler') {
    const isOfStart = eventTimeMs(event) - (timeMs(metadata.creationTimestamp) ?? 0) < firstFiguresMs;
    return figuresMissing.has(reason) && isOfStart && (assessNow(object, world).problems ?? []).length === 0;
  }
  if (kind === 'Service') return reason === 'ClusterIPNotAllocated' && eventCount(event) === 1;
  const wanted = numberOf(at(spec, 'replicas'), 1);
  return reason === 'FailedCreate' && kind === 'ReplicaSet' && numberOf(at(status, 'replicas'), 0) >= wanted;
}

function subjectOf(event: KubernetesObject, objects: readonly KubernetesObject[]): KubernetesObject | undefined {
  const uid = at(event, 'involvedObject', 'uid');
  return objects.find(({ metadata }) => metadata.uid === uid);
}
