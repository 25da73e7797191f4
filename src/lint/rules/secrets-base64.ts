import { isOpen } from '../../model/open.ts';
import { encodedFlaw } from '../base64.ts';
import type { Rule } from '../rule.ts';
import { entriesAt } from '../walk.ts';

/** What must be base64: `data` of a Secret, `binaryData` of a ConfigMap. */
export const secretsBase64: Rule = {
  id: 'secrets/base64',
  severity: 'error',
  summary: 'a value under `data` of a Secret, or `binaryData` of a ConfigMap, is no base64',
  fix: "Encode it: printf '%s' VALUE | base64.",
  leftTo: 'server',
  run: ({ written, manifests }) =>
    written.flatMap(({ body }, index) => {
      const manifest = manifests[index];
      const field = { Secret: 'data', ConfigMap: 'binaryData' }[body.kind];
      if (manifest === undefined || field === undefined || body.apiVersion !== 'v1') return [];
      return entriesAt(body[field], field).flatMap(({ key, path, value }) => {
        const flaw = typeof value === 'string' && !isOpen(value) ? encodedFlaw(value) : undefined;
        if (flaw === undefined) return [];
        const fix = body.kind === 'Secret' ? { fix: 'Write the text itself under stringData, or encode it.' } : {};
        return [{ manifest, path, cause: `can't be read: ${key} under ${field} ${flaw}`, ...fix }];
      });
    }),
};
