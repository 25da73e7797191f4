import { Buffer } from 'node:buffer';
import { objectOf } from '../../model/json.ts';
import { inputsAt, type Manifest, originOf } from '../../model/manifest.ts';
import { isOpen } from '../../model/open.ts';
import { asIsAnnotation, flawOf, isAsMeant, isJudged, type SecretFlaw } from '../../model/secret-flaw.ts';
import { encodedFlaw } from '../base64.ts';
import type { Flaw, Rule } from '../rule.ts';

type Field = 'data' | 'stringData';

/**
 * The values of Secrets that hand-made base64 has spoiled, as they stand in the files: before `stringData` is encoded.
 * What an input has filled was judged with the input, except in `data`, where only its decoded value can be.
 */
export const secretsValues: Rule = {
  id: 'secrets/values',
  severity: 'error',
  summary:
    'a value of a Secret is spoiled: a line break at its end, base64 in base64 (errors); spaces, emptiness (warnings)',
  fix: 'Correct the value.',
  run: ({ written, manifests }) =>
    written.flatMap((one, index) => {
      const manifest = manifests[index];
      if (manifest === undefined || one.body.kind !== 'Secret' || one.body.apiVersion !== 'v1' || !isJudged(one.body))
        return [];
      return [...flaws(one, 'data', manifest), ...flaws(one, 'stringData', manifest)];
    }),
};

function flaws(written: Manifest, field: Field, manifest: Manifest): readonly Flaw[] {
  const { body } = written;
  return Object.entries(objectOf(body[field])).flatMap(([key, value]) => {
    const path = `${field}[${key}]`;
    const isFilled = inputsAt(written, originOf(written, path)).length > 0;
    if (typeof value !== 'string' || isOpen(value) || isAsMeant(body, key)) return [];
    if (field === 'stringData' ? isFilled : encodedFlaw(value) !== undefined) return [];
    const flaw = flawOf(field === 'data' ? Buffer.from(value, 'base64').toString('utf8') : value);
    // A file ends with a line break.
    if (flaw === undefined || (flaw.kind === 'line-break' && key.includes('.'))) return [];
    return [{ manifest, path, ...described(field, key, flaw) }];
  });
}

function described(field: Field, key: string, { kind, text }: SecretFlaw): Pick<Flaw, 'cause' | 'fix' | 'severity'> {
  const correction = {
    empty: 'Give it a value, or take the key out.',
    'line-break':
      field === 'data'
        ? "Encode it without: printf '%s' VALUE | base64."
        : 'Write it in quotes, or with |- in place of |.',
    spaces: 'Take them away.',
    base64:
      field === 'data' ? 'Encode the text once.' : 'Write the text itself: Kubernetes encodes what is in stringData.',
  }[kind];
  const decoded = field === 'data' && kind !== 'empty' ? ' once it is decoded' : '';
  return {
    severity: kind === 'line-break' || kind === 'base64' ? 'error' : 'warning',
    cause: `has a value that may not be meant: ${key} ${text}${decoded}`,
    fix: `${correction} If it is meant, say so in an annotation: ${asIsAnnotation}: ${key}`,
  };
}
