import { fieldPath, type Path, textsIn } from '../model/field-path.ts';
import type { Input } from '../model/input.ts';
import type { Manifest } from '../model/manifest.ts';

/** Fields that name: the object, what it has in it, or another object. `image` names what runs. */
const namingKeys: ReadonlySet<string> = new Set([
  'apiVersion',
  'apiGroup',
  'kind',
  'name',
  'namespace',
  'image',
  'containerName',
  'serviceAccountName',
  'secretName',
  'claimName',
  'ingressClassName',
  'storageClassName',
]);

/** All that is in them chooses objects. */
const selecting: ReadonlySet<string> = new Set([
  'labels',
  'matchLabels',
  'matchExpressions',
  'selector',
  'nodeSelector',
]);

/** What is in them is content, whatever its key is. */
const contents: ReadonlySet<string> = new Set(['data', 'stringData', 'binaryData']);

/**
 * Whether a text of an object says what something is, not what is in it: names and kinds, list merge keys, labels and
 * selectors, images. Everybody who may list objects can read them.
 */
export function isIdentity(path: Path): boolean {
  const [first = '', ...rest] = path;
  if (contents.has(String(first)) || rest.includes('annotations')) return false;
  const last = path.at(-1);
  return path.some((step) => selecting.has(String(step))) || (typeof last === 'string' && namingKeys.has(last));
}

/**
 * Whether a secret input has filled a text, in whole or in part. An override may have moved it within its list, and a
 * label may be a copy of the object's name.
 */
export function isFilledBySecret(manifest: Manifest, path: Path, text: string): boolean {
  return isOwnFilled(manifest, path) || (isIdentity(path) && namingSecrets(manifest).includes(text));
}

function isOwnFilled({ fillings = [], isSecret, body }: Manifest, path: Path): boolean {
  if (isSecret?.(fieldPath(body, path)) === true) return true;
  const place = withoutPlaces(path);
  return fillings.some((filling) => filling.inputs.some(isSecretInput) && withoutPlaces(filling.path) === place);
}

function isSecretInput({ secret }: Input): boolean {
  return secret;
}

function withoutPlaces(path: Path): string {
  return JSON.stringify(path.map((step) => (/^\d+$/.test(String(step)) ? 0 : step)));
}

/** What secrets have made of names here: these names, and the secrets themselves. */
function namingSecrets(manifest: Manifest): readonly string[] {
  const { fillings = [], isSecret } = manifest;
  if (isSecret === undefined && !fillings.some(({ inputs }) => inputs.some(isSecretInput))) return [];
  const filled = textsIn(manifest.body).filter(({ path }) => isIdentity(path) && isOwnFilled(manifest, path));
  const inputs = fillings.filter(({ path }) => isIdentity(path)).flatMap((filling) => filling.inputs);
  const values = inputs.filter(isSecretInput).map(({ value }) => String(value));
  return [...filled.map(({ text }) => text), ...values].filter((text) => text !== '');
}

/** The names that an application has, and `more`. None that a secret has filled, and none that has such a one in it. */
export function namesOf(manifests: readonly Manifest[], ...more: readonly string[]): ReadonlySet<string> {
  const secrets = manifests.flatMap(namingSecrets);
  const texts = manifests.flatMap(({ body }) => textsIn(body));
  const names = [...texts.filter(({ path }) => isIdentity(path)).map(({ text }) => text), ...more];
  return new Set(names.filter((name) => !secrets.some((secret) => name.includes(secret))));
}
