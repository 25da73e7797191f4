import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { isFilledBySecret, isIdentity } from '../manifests/identity.ts';
import { type Path, textsIn } from '../model/field-path.ts';
import { isObject, type Json } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { isKubernetesObject, type KubernetesObject } from '../model/object.ts';
import type { RecordedObject } from '../model/release.ts';

/** Stands in a record where a secret value was. */
const hidden = '****';

/**
 * The places of an object's secret texts: all values of a Secret, every text that a secret input has filled, and every
 * other one with a secret value in it. What only names something is readable in the cluster anyway: there a secret that
 * looks like a part of it has not come from the input.
 */
export function secretPathsOf(
  manifest: Manifest,
  hasSecret: (text: string) => boolean,
  isAlso: (path: Path, text: string) => boolean = () => false,
): readonly Path[] {
  const { body } = manifest;
  const isSecret = body.apiVersion === 'v1' && body.kind === 'Secret';
  return textsIn(body).flatMap(({ path, text }) => {
    const isValue = isSecret && (path[0] === 'data' || path[0] === 'stringData');
    const isFound = !isIdentity(path) && (hasSecret(text) || isAlso(path, text));
    return isValue || isFound || isFilledBySecret(manifest, path, text) ? [path] : [];
  });
}

/** The texts at these places, and the object without them. */
export function takeOut(
  body: KubernetesObject,
  paths: readonly Path[],
): { readonly body: KubernetesObject; readonly values: readonly string[] } {
  const values = paths.map((path) => textAt(body, path));
  return {
    body: putBack(
      body,
      paths,
      paths.map(() => hidden),
    ),
    values,
  };
}

/** An object of a record without its secret texts, whether they are in it or not. */
export function withoutSecrets({ body, secretPaths }: RecordedObject): KubernetesObject {
  return takeOut(body, secretPaths).body;
}

/** The object with these texts at these places. */
export function putBack(body: KubernetesObject, paths: readonly Path[], values: readonly string[]): KubernetesObject {
  const whole = paths.reduce<Json>((object, path, index) => withText(object, path, values[index] ?? hidden), body);
  return isKubernetesObject(whole) ? whole : body;
}

/** The text at this place; empty where there is none. */
export function textAt(value: Json | undefined, [step, ...rest]: Path): string {
  if (step === undefined) return typeof value === 'string' ? value : '';
  const inner = Array.isArray(value) ? (value as readonly Json[])[Number(step)] : isObject(value) ? value[step] : null;
  return textAt(inner, rest);
}

function withText(value: Json | undefined, [step, ...rest]: Path, text: string): Json {
  if (step === undefined) return text;
  if (Array.isArray(value)) return value.map((one: Json, index) => (index === step ? withText(one, rest, text) : one));
  return isObject(value) ? { ...value, [step]: withText(value[step], rest, text) } : (value ?? null);
}

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** A key for `seal` and `unseal`. */
export function newKey(): Buffer {
  return randomBytes(32);
}

/** Encrypts; what it is sealed for (the name of its record) must be given to open it. */
export function seal(content: Buffer, key: Buffer, purpose: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv(algorithm, key, iv).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]);
}

/** Decrypts. Throws where the key or the purpose is another one, or the content was changed. */
export function unseal(sealed: Buffer, key: Buffer, purpose: string): Buffer {
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(0, ivBytes))
    .setAAD(Buffer.from(purpose))
    .setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(ivBytes + tagBytes)), decipher.final()]);
}
