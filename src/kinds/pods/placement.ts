import { formatSpan } from '../../model/age.ts';
import { arrayOf, at, isObject, stringOf } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Moment } from '../../model/readiness.ts';
import { eventCount, eventTimeMs, timeMs, type World } from '../../model/world.ts';
import { quote } from './containers.ts';
import type { Signal } from './signal.ts';

/** helm#31896: a node that is being added takes about a minute; a deploy that fails before is a false alarm. */
const schedulingPatienceMs = 60_000;

/**
 * A pod that no node takes. With a scale-up on its way it is only said. The patience begins with the wait: nodes may have
 * been added just before.
 */
export function schedulingSignals(pod: KubernetesObject, world: World, moment: Moment): readonly Signal[] {
  const condition = arrayOf(at(pod, 'status', 'conditions'))
    .filter(isObject)
    .find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  if (condition?.reason !== 'Unschedulable') return [];
  const message = withoutPreemption(quote(stringOf(condition.message) ?? ''));
  const scaleUp = scaleUpOf(pod, world);
  const sinceMs = timeMs(condition.lastTransitionTime);
  const age = sinceMs === undefined ? '' : ` for ${formatSpan(world.nowMs - sinceMs)}`;
  return [
    {
      key: `${pod.metadata.uid ?? ''}/unschedulable`,
      occurrence: '',
      sinceMs: sinceMs === undefined ? undefined : Math.max(sinceMs, moment.sinceMs),
      rule: scaleUp === undefined ? { afterMs: schedulingPatienceMs } : {},
      problem: {
        id: 'pod/unschedulable',
        cause: `no node takes its pods: ${message}`,
        fix: 'Add nodes, lower the requests, or correct nodeSelector, affinity and tolerations.',
        evidence: [
          `pod ${pod.metadata.name ?? ''}: Unschedulable${age}: ${message}` +
            (scaleUp === undefined ? '' : `; a node is on its way: ${scaleUp}`),
        ],
      },
    },
  ];
}

/** What the scheduler tried in vain is of no use to the reader. */
function withoutPreemption(message: string): string {
  return message.replace(/\.? (no new claims to deallocate, )?preemption: .*$/, '').replace(/\.$/, '');
}

/** Cluster Autoscaler and Karpenter say so in an event; the scheduler in a field. */
function scaleUpOf(pod: KubernetesObject, world: World): string | undefined {
  const event = world
    .eventsOf(pod.metadata.uid ?? '')
    .findLast(({ reason }) => reason === 'TriggeredScaleUp' || reason === 'Nominated');
  if (event !== undefined) return quote(stringOf(event.message) ?? '');
  const node = stringOf(at(pod, 'status', 'nominatedNodeName'));
  return node === undefined || node === '' ? undefined : `nominated for node ${node}`;
}

const setupReasons: Readonly<Record<string, readonly [id: string, cause: string, fix: string]>> = {
  FailedMount: [
    'pod/mount',
    'a volume cannot be mounted',
    'Check that what the volume names (Secret, ConfigMap, claim) exists.',
  ],
  FailedAttachVolume: ['pod/mount', 'a volume cannot be attached', 'Check the claim, its zone, and the CSI driver.'],
  FailedCreatePodSandBox: [
    'pod/network',
    'its network cannot be set up',
    'Look for free addresses in the subnets of the nodes, and at the VPC CNI.',
  ],
};

/** A pod that has a node and whose containers aren't made yet: volumes and network. Never certain: each may still come. */
export function setupSignals(pod: KubernetesObject, world: World): readonly Signal[] {
  const isPending = at(pod, 'status', 'phase') === 'Pending' && stringOf(at(pod, 'spec', 'nodeName')) !== undefined;
  if (!isPending) return [];
  const event = world
    .eventsOf(pod.metadata.uid ?? '')
    .findLast(({ reason }) => typeof reason === 'string' && reason in setupReasons);
  const reason = stringOf(event?.reason) ?? '';
  const [id, cause, fix] = setupReasons[reason] ?? [];
  if (event === undefined || id === undefined) return [];
  const message = quote(stringOf(event.message) ?? '');
  const age = `x${eventCount(event)}, ${formatSpan(world.nowMs - eventTimeMs(event))} ago`;
  return [
    {
      key: `${pod.metadata.uid ?? ''}/${reason}`,
      occurrence: String(eventCount(event)),
      rule: {},
      problem: {
        id,
        cause: `${cause ?? ''}: ${message}`,
        fix: fix ?? '',
        evidence: [`pod ${pod.metadata.name ?? ''}: ${reason} (${age}): ${message}`],
      },
    },
  ];
}
