import { isOpen } from '../../model/open.ts';
import { parseQuantity } from '../../model/quantity.ts';
import { amountsOf } from '../amounts.ts';
import type { Rule } from '../rule.ts';

export const syntaxQuantity: Rule = {
  id: 'syntax/quantity',
  severity: 'error',
  summary: 'an amount is none that the API takes, such as 512MB or -1',
  fix: 'Write it as 250m or 2 (CPU), 512Mi or 2Gi (memory), or a whole number.',
  leftTo: 'server',
  run: (facts) =>
    amountsOf(facts)
      .filter(({ value }) => !isOpen(value) && !isQuantity(value))
      .map(({ manifest, path, name, value }) => ({
        manifest,
        path,
        cause: `has an amount for ${name} that can't be one: ${JSON.stringify(value)}`,
      })),
};

function isQuantity(value: unknown): boolean {
  const amount = parseQuantity(value);
  return amount !== undefined && amount >= 0 && (typeof value !== 'string' || value === value.trim());
}
