import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { secretForms } from '../inputs/redact.ts';
import type { Path } from '../model/field-path.ts';
import { isObject, type Json } from '../model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../model/object.ts';

/** Stands in a record where a secret value was. */
const hidden = '****';

/**
 * The places of an object's secret texts: all values of a Secret, every text that holds one of these values in any of its
 * encodings, and what `isAlso` says.
 */
export function secretPathsOf(
  body: KubernetesObject,
  values: readonly string[],
  isAlso: (path: Path, text: string) => boolean = () => false,
): readonly Path[] {
  const forms = [...secretForms(values)];
  const isSecret = body.apiVersion === 'v1' && body.kind === 'Secret';
  return texts(body, []).flatMap(({ path, text }) => {
    const isValue = isSecret && (path[0] === 'data' || path[0] === 'stringData');
    return isValue || forms.some((form) => text.includes(form)) || isAlso(path, text) ? [path] : [];
  });
}

function texts(value: Json | undefined, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((one: Json, index) => texts(one, [...path, index]));
  return isObject(value) ? Object.entries(value).flatMap(([key, one]) => texts(one, [...path, key])) : [];
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
