import type { Input, Inputs } from '../model/input.ts';

const mask = '****';

/**
 * Shorter secrets are left alone: three letters can't be told from ordinary text, and replacing them everywhere would
 * make the output unreadable and tell the letters by their absence.
 */
const minLength = 4;

/** A part of a secret of several lines (a PEM key) is hidden on its own from this length on. */
const minLineLength = 8;

/** One that is this short is also a part of many words. */
const minLengthInWords = 5;

/** Never a name by itself: what such a character stands beside is another word, a path or a name of which it is a part. */
const before = '(?<![\\w.-]|\\w/)';
const after = '(?![\\w-]|[./]\\w)';

/** Where a value stands, and our own sentences and commands have no name: quoted, assigned, in a URL. */
const asValue = `(?<=["'=]|//|//[^\\s/@]*:)(?<!-l [\\w./,=-]+|--namespace=)`;

/** The names of what is deployed: looked for only where there is a secret. */
export type Names = () => ReadonlySet<string>;

/** No names are known. */
const none: Names = () => new Set();

/** The same as `redactorOf` for the secret ones of some inputs. */
export function redactor(inputs: Inputs, names = none): (text: string) => string {
  return redactorOf(secretsOf(inputs), names);
}

/**
 * A function that replaces every secret value in a text by `****`: as it is, and as base64, URL-encoded and JSON-escaped.
 * It wraps all that the program writes: the last line of defence, behind code that doesn't print secrets at all.
 * A very short one goes only where it is a whole word; one that is also among the names of what is deployed, only where
 * a whole value is: names stay readable, or no command with one could be pasted.
 */
export function redactorOf(secrets: readonly string[], names = none): (text: string) => string {
  const forms = secretForms(secrets);
  // Longest first: a secret that contains another one must go as a whole.
  const long = [...forms].filter((form) => form.length >= minLength).sort((a, b) => b.length - a.length);
  if (long.length === 0) return (text) => text;
  const known = names();
  const pattern = new RegExp(long.map((form) => patternOf(form, known)).join('|'), 'g');
  return (text) => text.replace(pattern, mask);
}

function patternOf(form: string, names: ReadonlySet<string>): string {
  const text = escapeRegExp(form);
  if (isIn(names, form)) return `${asValue}${before}${text}${after}`;
  return form.length < minLengthInWords ? `${before}${text}${after}` : text;
}

/** Whether it is a name, or whole words of one: `worker` of `order-worker`. */
function isIn(names: ReadonlySet<string>, form: string): boolean {
  const words = new RegExp(`(?<![A-Za-z0-9])${escapeRegExp(form)}(?![A-Za-z0-9])`);
  return [...names].some((name) => words.test(name));
}

/** The secret inputs whose value is also a name, or words of one. */
export function namedSecrets(inputs: Inputs, names: Names): readonly Input[] {
  const secrets = [...inputs.values()].filter(({ secret, value }) => secret && String(value).length >= minLength);
  if (secrets.length === 0) return [];
  const known = names();
  return secrets.filter(({ value }) => isIn(known, String(value)));
}

/** Whether a text holds a secret value: one that is a name only as `redactorOf` finds it, or as the whole text. */
export function secretFinder(secrets: readonly string[], names: Names): (text: string) => boolean {
  const redact = redactorOf(secrets, names);
  const whole = new Set(secrets.filter((secret) => secret.length >= minLength));
  return (text) => whole.has(text) || redact(text) !== text;
}

/** How secret values appear in texts: each with its encodings. */
function secretForms(secrets: readonly string[]): ReadonlySet<string> {
  return new Set(secrets.flatMap(partsOf).flatMap(formsOf));
}

/** The values of the secret inputs. */
export function secretsOf(inputs: Inputs): readonly string[] {
  return [...inputs.values()].filter(({ secret }) => secret).map(({ value }) => String(value));
}

/** The inputs for display, in their order, with `****` for every secret value. */
export function maskSecrets(inputs: Inputs): readonly Input[] {
  return [...inputs.values()].map(maskSecret);
}

function maskSecret(input: Input): Input {
  return input.secret ? { ...input, value: mask } : input;
}

/**
 * Percent-encodes everything that RFC 3986 reserves: `encodeURIComponent` leaves `!'()*` alone, and drivers of MongoDB
 * and others don't agree on those.
 */
export function encodeStrict(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Half of a surrogate pair becomes U+FFFD: `encodeURIComponent` throws on it. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function partsOf(secret: string): readonly string[] {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  return lines.length < 2 ? [secret] : [secret, ...lines.filter((line) => line.length >= minLineLength)];
}

function formsOf(secret: string): readonly string[] {
  if (secret.length < minLength) return [];
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  const strict = encodeStrict(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    base64,
    base64.replace(/=+$/, ''),
    Buffer.from(secret, 'utf8').toString('base64url'),
    strict,
    encodeURIComponent(wellFormed(secret)),
    strict.replaceAll('%20', '+'),
    json,
    // Go's JSON encoder (every API server message) escapes these as well.
    json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  ];
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
