import { manifestsOf } from '../facts.ts';
import { dataKey } from '../names.ts';
import type { Rule } from '../rule.ts';
import { entriesAt } from '../walk.ts';

export const syntaxKey: Rule = {
  id: 'syntax/key',
  severity: 'error',
  summary: 'a key of a ConfigMap or Secret has characters that the API refuses',
  fix: `Use ${dataKey.words}.`,
  leftTo: 'server',
  run: (facts) =>
    [...manifestsOf(facts, '', 'ConfigMap'), ...manifestsOf(facts, '', 'Secret')].flatMap((manifest) =>
      ['data', 'binaryData'].flatMap((field) =>
        entriesAt(manifest.body[field], field)
          .filter(({ key }) => !dataKey.test(key))
          .map(({ key, path }) => ({ manifest, path, cause: `has a key that can't be one: ${JSON.stringify(key)}` })),
      ),
    ),
};
