import type { Finding } from '../../model/finding.ts';
import { refOf } from '../../model/object.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';

const kind = 'ExternalSecret';

/** Secrets that the External Secrets Operator writes: without it, or without access to the store, there are none. */
export const externalSecretsCheck: Check = {
  id: 'secrets/external',
  summary: 'the External Secrets Operator is there and has written every Secret that is declared',
  commands: ['doctor'],
  needs: [],
  run(facts) {
    const declared = facts.declared.filter(({ ref }) => ref.kind === kind);
    if (declared.length === 0) return { passed: '', findings: [] };
    const unread = facts.unread.get(kind);
    if (unread === undefined) return { passed: 'every ExternalSecret is up to date', findings: failing(facts) };
    // Only a kind that is missing is a fault of the cluster; one that may not be read may be fine.
    if (!/doesn't know the kind/.test(unread)) return { passed: '', findings: [], skipped: unread };
    const fix = 'Install the External Secrets Operator (its chart brings the kinds along), then oms-deploy up.';
    return {
      passed: '',
      findings: declared.map(({ ref }) =>
        problemOf('secrets/operator', ref, "can't exist: the cluster doesn't know its kind", fix, [unread]),
      ),
    };
  },
};

function failing(facts: Facts): readonly Finding[] {
  return liveOf(facts, kind).flatMap((live) =>
    (assessNow(live, facts.world).problems ?? []).map(({ id, cause, fix, evidence }) =>
      problemOf(id, refOf(live), `is not up to date: ${cause}`, `${fix} Then oms-deploy doctor.`, evidence),
    ),
  );
}
