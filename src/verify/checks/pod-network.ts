import { quote } from '../../kinds/pods/containers.ts';
import { countOf, formatSpan } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { stringOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { eventCount, eventTimeMs } from '../../model/world.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveWorkloads } from '../facts.ts';
import { livePods } from './templates.ts';

const recentMs = 60 * 60_000;

/** Pods that got no network for a while, also where they have one by now: the next ones may get none. */
export const podNetworkCheck: Check = {
  id: 'pods/network',
  summary: 'every pod of the last hour got its network at the first try',
  commands: ['doctor'],
  needs: ['Pod', 'Event'],
  run(facts) {
    return {
      passed: 'no pod waited for its network in the last hour',
      findings: liveWorkloads(facts).flatMap((live) => judge(live, facts)),
    };
  },
};

function judge(workload: KubernetesObject, facts: Facts): readonly Finding[] {
  const { world } = facts;
  const failures = livePods(workload, facts).flatMap((pod) => {
    const event = world.eventsOf(pod.metadata.uid ?? '').findLast(({ reason }) => reason === 'FailedCreatePodSandBox');
    return event === undefined || world.nowMs - eventTimeMs(event) >= recentMs ? [] : [{ pod, event }];
  });
  if (failures.length === 0) return [];
  const evidence = failures.slice(0, 3).map(({ pod, event }) => {
    const age = `x${eventCount(event)}, ${formatSpan(world.nowMs - eventTimeMs(event))} ago`;
    const said = quote(stringOf(event.message) ?? '');
    return `pod ${pod.metadata.name ?? ''}: FailedCreatePodSandBox (${age}): ${said}`;
  });
  const isOutOfAddresses = failures.some(({ event }) =>
    /failed to assign an IP address|InsufficientFreeAddresses|no (?:available|free) (?:ip )?address/i.test(
      stringOf(event.message) ?? '',
    ),
  );
  const pods = countOf(failures.length, 'pod');
  const cause = isOutOfAddresses
    ? `got no IP address for ${pods} in the last hour: the VPC CNI has none left`
    : `could not give ${pods} a network in the last hour`;
  const fix = isOutOfAddresses
    ? 'Free addresses or add subnets for the nodes, or turn on prefix delegation of the VPC CNI (ENABLE_PREFIX_DELEGATION).'
    : 'Look at the CNI on that node: kubectl logs -n kube-system -l k8s-app=aws-node -c aws-node.';
  return [problemOf('pods/network', refOf(workload), cause, fix, evidence)];
}
