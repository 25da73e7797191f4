import { countOf } from '../../model/age.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { formatRight } from '../../model/right.ts';
import type { Check } from '../check.ts';
import type { Ahead } from '../facts.ts';

/** Where the rights that a deploy needs are written down, ready to be applied. */
const templates = 'templates/access/role.yaml';

/** A deploy that lacks a right would stop halfway: all that are missing are named before it begins. */
export const accessCheck: Check = {
  id: 'access/rights',
  summary: 'the caller has each right that the plan needs',
  commands: ['preflight'],
  needs: [],
  run({ ahead }) {
    if (ahead === undefined) return { passed: '', findings: [] };
    const { asked, unknown } = ahead.rights;
    return {
      passed: `the caller has the ${countOf(asked, 'right')} that the plan needs`,
      findings: [...denied(ahead), ...limited(ahead)],
      ...(unknown === undefined ? {} : { skipped: `not every right could be asked for: ${unknown}` }),
    };
  },
};

function denied({ who, rights: { missing } }: Ahead): readonly Finding[] {
  const evidence = missing.filter(({ needed }) => needed).map(({ right }) => formatRight(right));
  if (evidence.length === 0) return [];
  const whose = who === undefined ? 'You lack' : `${who} lacks`;
  const cause = `${whose} ${countOf(evidence.length, 'right')} that this deploy needs.`;
  const fix = `Grant ${evidence.length === 1 ? 'it' : 'them'}: the Role in ${templates} shows how, or use another identity.`;
  return [errorFinding('access/denied', cause, fix, { evidence })];
}

function limited({ rights: { missing } }: Ahead): readonly Finding[] {
  const evidence = missing.filter(({ needed }) => !needed).map(({ right }) => formatRight(right));
  if (evidence.length === 0) return [];
  const cause = `The deploy can do without ${countOf(evidence.length, 'missing right')}, but explains or tidies up less.`;
  const fix = `Grant ${evidence.length === 1 ? 'it' : 'them'}, too: the Role in ${templates} shows how.`;
  return [{ ...errorFinding('access/limited', cause, fix, { evidence }), severity: 'warning' }];
}
