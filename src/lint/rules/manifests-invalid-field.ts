import { compareFields } from '../compare-fields.ts';
import type { Flaw, Rule } from '../rule.ts';

export const manifestsInvalidField: Rule = {
  id: 'manifests/invalid-field',
  severity: 'error',
  summary:
    'a value is of another type than its field: most often a number, `true` or `yes` without quotes where a text is wanted',
  fix: 'Correct the value.',
  leftTo: 'server',
  run: ({ written, manifests, fields }) =>
    written.flatMap((one, index) => {
      const manifest = manifests[index];
      if (manifest === undefined || fields === undefined) return [];
      return compareFields(one, fields).flatMap((found): Flaw[] => {
        if (found.kind !== 'type') return [];
        const fix = found.wanted === 'a text' ? { fix: 'Put the value in quotes.' } : {};
        return [{ manifest, path: found.path, cause: `has ${found.path}, which must be ${found.wanted}`, ...fix }];
      });
    }),
};
