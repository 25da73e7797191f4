import { didYouMean } from '../../model/suggest.ts';
import { compareFields } from '../compare-fields.ts';
import { newestMinor } from '../facts.ts';
import type { Flaw, Rule } from '../rule.ts';

export const manifestsUnknownField: Rule = {
  id: 'manifests/unknown-field',
  severity: 'error',
  summary: `a field that a kind of Kubernetes' own doesn't have, with what may be meant (fields up to 1.${newestMinor})`,
  fix: 'Correct its name, or remove it.',
  leftTo: 'server',
  run: ({ written, manifests, fields, minor }) =>
    written.flatMap((one, index) => {
      const manifest = manifests[index];
      if (manifest === undefined || fields === undefined) return [];
      return compareFields(one, fields).flatMap((found): Flaw[] => {
        if (found.kind !== 'unknown') return [];
        const near = didYouMean(found.name, found.known);
        // A newer version may have got it.
        const severity = near === '' && minor > newestMinor ? { severity: 'warning' as const } : {};
        const cause = `has ${found.path}: there is no such field in this kind (a typo, or the wrong place)`;
        return [{ manifest, path: found.path, cause, ...(near === '' ? {} : { fix: near }), ...severity }];
      });
    }),
};
