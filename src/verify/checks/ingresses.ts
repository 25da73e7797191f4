import { addressesOf } from '../../kinds/ingress.ts';
import { refOf } from '../../model/object.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { liveOf } from '../facts.ts';

/** Ingresses have an address; what their controller says where they have none. */
export const ingressesCheck: Check = {
  id: 'ingress/address',
  summary: 'every Ingress has an address',
  commands: ['verify', 'doctor'],
  needs: ['Ingress'],
  run(facts) {
    const ingresses = liveOf(facts, 'Ingress');
    if (ingresses.length === 0) return { passed: '', findings: [] };
    const addresses = ingresses.flatMap(addressesOf);
    return {
      passed: `Ingress at ${addresses.join(', ')}`,
      findings: ingresses.flatMap((live) => {
        const readiness = assessNow(live, facts.world);
        const [problem] = readiness.problems ?? [];
        if (readiness.state === 'ready' && problem === undefined) return [];
        const say = readiness.state === 'ready' ? warningOf : problemOf;
        const cause = `has no address: ${problem?.cause ?? readiness.why}`;
        const fix = problem?.fix ?? 'Wait for its controller, then run oms-deploy verify again.';
        return [say(problem?.id ?? 'ingress/address', refOf(live), cause, fix, problem?.evidence ?? [])];
      }),
    };
  },
};
