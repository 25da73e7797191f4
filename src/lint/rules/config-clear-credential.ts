import { namesCredential } from '../../inputs/values.ts';
import { inputsAt, originOf } from '../../model/manifest.ts';
import { isOpen } from '../../model/open.ts';
import type { Rule } from '../rule.ts';
import { configValuesOf, type NamedValue, variablesOf } from '../values.ts';

/** A user and a password in a URL. */
const withCredentials = /^[a-z][\w+.-]*:\/\/[^\s:/@]+:[^\s@]+@/i;
/** `Password=...;` in a connection string. */
const withPassword = /(^|[;,?&\s])(password|pwd)=(?!\*|\$|;|$)[^;,&\s]+/i;

/** Whoever may read the object, or the repository, has it. The value is never repeated. */
export const configClearCredential: Rule = {
  id: 'config/clear-credential',
  severity: 'warning',
  summary: 'a credential stands in clear in a variable or a ConfigMap',
  fix: 'Put it into a Secret as a placeholder, read it by secretKeyRef, and change it: it has been seen.',
  run: (facts) =>
    [...variablesOf(facts), ...configValuesOf(facts)].filter(isClear).map(({ manifest, path, name }) => ({
      manifest,
      path,
      cause: `has a credential in clear: ${name}`,
    })),
};

function isClear({ manifest, path, name, value, isOwn }: NamedValue): boolean {
  if (!isOwn || value === undefined || value.trim() === '' || isOpen(value)) return false;
  // What an input has filled stands in no file.
  return isCredential(name, value) && inputsAt(manifest, originOf(manifest, `${path}.value`)).length === 0;
}

function isCredential(name: string, value: string): boolean {
  if (withCredentials.test(value) || withPassword.test(value)) return !/\$\(\w+\)/.test(value);
  if (!namesCredential(snakeCase(name))) return false;
  // A switch, a number, a path to where it is, another variable, the name of a Secret: none of them is a credential.
  return (
    !/^(true|false|yes|no|none|\d{1,4})$/i.test(value) &&
    !/^\/|^\$\(|^arn:|^https?:\/\//.test(value) &&
    !/\s/.test(value.trim())
  );
}

/** `Auth__ApiKey`, `db-password`, `dbPassword` as `auth_api_key`, `db_password`. */
function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}
