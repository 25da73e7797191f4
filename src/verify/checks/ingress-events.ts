import { quote } from '../../kinds/pods/containers.ts';
import { formatSpan } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, stringOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { eventCount, eventTimeMs } from '../../model/world.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';

/**
 * An Ingress keeps the address of its last good state while its controller refuses the newest one. Without an address
 * the check ingress/address says why.
 */
export const ingressEventsCheck: Check = {
  id: 'ingress/events',
  summary: 'the controller of each Ingress has accepted its newest state',
  commands: ['verify', 'doctor'],
  needs: ['Ingress', 'Event'],
  run(facts) {
    const served = liveOf(facts, 'Ingress').filter(
      (live) => arrayOf(at(live, 'status', 'loadBalancer', 'ingress')).length > 0,
    );
    return {
      passed: served.length === 0 ? '' : 'no controller refuses the newest state of an Ingress',
      findings: served.flatMap((live) => refusal(live, facts)),
    };
  },
};

function refusal(live: KubernetesObject, { world }: Facts): readonly Finding[] {
  const last = world.eventsOf(live.metadata.uid ?? '').at(-1);
  if (last?.type !== 'Warning') return [];
  const said = stringOf(last.message) ?? '';
  const { cause, fix } = explain(said);
  const age = `x${eventCount(last)}, ${formatSpan(world.nowMs - eventTimeMs(last))} ago`;
  const evidence = [`event ${stringOf(last.reason) ?? ''} (${age}): ${quote(said)}`];
  return [problemOf('ingress/events', refOf(live), `still serves an older state of itself: ${cause}`, fix, evidence)];
}

/** What the AWS Load Balancer Controller lacks, where its message tells. */
function explain(said: string): { readonly cause: string; readonly fix: string } {
  const action = /not authorized to perform: ([\w:*-]+)/.exec(said)?.[1];
  if (action !== undefined) {
    return {
      cause: `its controller may not do ${action}`,
      fix: `Allow ${action} in the IAM policy of the load balancer controller, then run oms-deploy verify again.`,
    };
  }
  if (/subnet/i.test(said)) {
    const isInternal = /internal-elb/.test(said);
    const tag = isInternal ? 'kubernetes.io/role/internal-elb=1' : 'kubernetes.io/role/elb=1';
    const [those, other] = isInternal
      ? ['private', 'public ones: kubernetes.io/role/elb=1']
      : ['public', 'private ones: kubernetes.io/role/internal-elb=1'];
    return {
      cause: `its controller finds no subnets with the tag that it looks for: ${quote(said)}`,
      fix: `Tag the ${those} subnets with ${tag} (${other}).`,
    };
  }
  return {
    cause: `its controller can't build the newest one: ${quote(said)}`,
    fix: 'Correct the Ingress or the Services it names; oms-deploy doctor compares them.',
  };
}
