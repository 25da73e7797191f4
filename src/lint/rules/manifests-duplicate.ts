import type { Manifest } from '../../model/manifest.ts';
import { formatOrigin, refKey } from '../../model/object.ts';
import type { Rule } from '../rule.ts';

export const manifestsDuplicate: Rule = {
  id: 'manifests/duplicate',
  severity: 'error',
  summary: 'an object is defined twice, be it in another file or under another version of its API',
  fix: 'Remove one of them.',
  run({ manifests }) {
    const first = new Map<string, Manifest>();
    return manifests.flatMap((manifest) => {
      const key = refKey(manifest.ref);
      const earlier = first.get(key);
      if (earlier !== undefined)
        return [{ manifest, path: '', cause: `is defined twice; the first one is at ${formatOrigin(earlier.origin)}` }];
      first.set(key, manifest);
      return [];
    });
  },
};
