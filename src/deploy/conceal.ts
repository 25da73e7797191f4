import { namesCredential } from '../inputs/values.ts';
import { isObject, type Json } from '../model/json.ts';
import { inputsAt, type Manifest, originOf } from '../model/manifest.ts';
import type { FieldChange } from '../model/plan.ts';

const hidden = '****';

/**
 * The changes as they may be shown. The filter over all output knows the secrets of this run; what a secret was before,
 * it can't know. So nothing is shown of a field that a secret input fills, of a key or variable with the name of a
 * credential, and of the password inside a URL.
 */
export function conceal(fields: readonly FieldChange[], manifest: Manifest): readonly FieldChange[] {
  return fields.map(({ path, before, after }) => {
    const show = isSecretField(path, manifest)
      ? hide
      : (value: Json) => withoutCredentials(value, isData(path, manifest));
    return {
      path,
      ...(before === undefined ? {} : { before: show(before) }),
      ...(after === undefined ? {} : { after: show(after) }),
    };
  });
}

/** A fingerprint of the diff stays: it tells two values apart, and neither of them. */
function hide(value: Json): Json {
  return typeof value === 'string' && /^\*{4} \([0-9a-f]{8}\)$/.test(value) ? value : hidden;
}

/** Whether nothing may be shown of what a field holds, or held. */
export function isSecretField(path: string, manifest: Manifest): boolean {
  if (manifest.isSecret?.(path) === true) return true;
  if (inputsAt(manifest, originOf(manifest, path)).some(({ secret }) => secret)) return true;
  const key =
    /\benv\[([^\]]+)\]/.exec(path)?.[1] ??
    (manifest.ref.kind === 'ConfigMap'
      ? /^data(?:\.([\w-]+)|\[([^\]]+)\])/.exec(path)?.slice(1).find(Boolean)
      : undefined);
  return key !== undefined && namesCredential(snakeCase(key));
}

/** The data of a ConfigMap as a whole: its keys are names, as those of variables are. */
function isData(path: string, { ref }: Manifest): boolean {
  return ref.kind === 'ConfigMap' && path === 'data';
}

/**
 * What is shown as a whole (a container that came, a ConfigMap's first data) without the values of its variables, or keys,
 * with the name of a credential.
 */
function withoutCredentials(value: Json, isKeyed: boolean): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutCredentials(item, false));
  if (!isObject(value)) return withoutPasswords(value);
  const isVariable = typeof value.name === 'string' && namesCredential(snakeCase(value.name));
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      if (one === undefined) return [key, one];
      const isHidden = (isVariable && key === 'value') || (isKeyed && namesCredential(snakeCase(key)));
      return [key, isHidden ? hide(one) : withoutCredentials(one, false)];
    }),
  );
}

/** `Redis__Password`, `dbPassword` and `DB-PASSWORD` as inputs are named. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[.-]/g, '_')
    .toLowerCase();
}

/** A value without the passwords of its URLs. */
export function withoutPasswords(value: Json): Json {
  if (typeof value === 'string') return value.replace(/(:\/\/[^/\s:@"]*:)[^/\s@"]+(?=@)/g, `$1${hidden}`);
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutPasswords);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, one === undefined ? one : withoutPasswords(one)]),
  );
}
