import { Buffer } from 'node:buffer';
import type { Finding } from '../model/finding.ts';
import { objectOf } from '../model/json.ts';
import { inputsAt, type Manifest, originOf } from '../model/manifest.ts';
import { formatRef } from '../model/object.ts';
import { asIsAnnotation, flawOf, isAsMeant, isJudged, type SecretFlaw } from '../model/secret-flaw.ts';

type Field = 'data' | 'stringData';

/**
 * The values of Secrets that hand-made base64 has spoiled, as they stand in the files: before `stringData` is encoded.
 * What an input has filled was judged with the input, except in `data`, where only its decoded value can be.
 */
export function lintSecrets(manifests: readonly Manifest[]): readonly Finding[] {
  const secrets = manifests.filter(({ body }) => body.apiVersion === 'v1' && body.kind === 'Secret' && isJudged(body));
  return secrets.flatMap((manifest) => [...flaws(manifest, 'data'), ...flaws(manifest, 'stringData')]);
}

function flaws(manifest: Manifest, field: Field): readonly Finding[] {
  const { body } = manifest;
  return Object.entries(objectOf(body[field])).flatMap(([key, value]) => {
    const origin = originOf(manifest, `${field}[${key}]`);
    const isFilled = inputsAt(manifest, origin).length > 0;
    if (typeof value !== 'string' || isAsMeant(body, key) || (field === 'stringData' && isFilled)) return [];
    const flaw = flawOf(field === 'data' ? Buffer.from(value, 'base64').toString('utf8') : value);
    // A file ends with a line break.
    if (flaw === undefined || (flaw.kind === 'line-break' && key.includes('.'))) return [];
    return [flawFinding(manifest, origin, field, key, flaw)];
  });
}

function flawFinding(
  { ref }: Manifest,
  origin: Manifest['origin'],
  field: Field,
  key: string,
  { kind, text }: SecretFlaw,
): Finding {
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
  return {
    id: 'secrets/values',
    severity: kind === 'line-break' || kind === 'base64' ? 'error' : 'warning',
    object: ref,
    origin,
    cause: `${formatRef(ref)}: the value of ${key} ${text}${field === 'data' && kind !== 'empty' ? ' once it is decoded' : ''}.`,
    evidence: [],
    fix: `${correction} If it is meant, say so in an annotation: ${asIsAnnotation}: ${key}`,
  };
}
