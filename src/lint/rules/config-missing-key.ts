import { findManifest } from '../facts.ts';
import { keysOf, referencesOf } from '../references.ts';
import type { Rule } from '../rule.ts';

export const configMissingKey: Rule = {
  id: 'config/missing-key',
  severity: 'error',
  summary: 'pods read a key that the ConfigMap or Secret of the manifests lacks',
  fix: 'Add the key to its manifest, or correct its name here; optional: true where pods can do without.',
  run(facts) {
    return facts.pods.flatMap(referencesOf).flatMap(({ pod: { manifest }, kind, name, key, path }) => {
      const { namespace = '' } = manifest.ref;
      const holder = findManifest(facts, { apiVersion: 'v1', kind, namespace, name });
      if (key === undefined || holder === undefined || keysOf(holder).includes(key)) return [];
      const evidence = [`it has: ${keysOf(holder).join(', ') || 'no keys'}`];
      return [
        { manifest, path, cause: `reads ${kind} ${name}, which has no key ${key}: its pods can't start`, evidence },
      ];
    });
  },
};
