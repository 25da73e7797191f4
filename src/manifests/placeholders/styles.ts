import type { PlaceholderStyle } from '../../config/schema.ts';

/** How a placeholder looks in a text. */
export interface Style {
  readonly name: PlaceholderStyle;
  /** Its first group is the name; a second one is what stands there where the input has no value. */
  readonly pattern: RegExp;
  /** A shell, and many programs, read the same form: in a text for them an unknown name is theirs. */
  readonly isShell?: boolean;
}

/** Words of Go's templates that stand alone between braces. */
const goWords = '(?!(?:end|else|break|continue|nil|true|false)\\b)';

/** Every style but `change-me`, which is told by the whole scalar (see marks.ts). */
export const styles: readonly Style[] = [
  { name: 'replace-with', pattern: /(?<![A-Za-z0-9_])REPLACE_(?:ME_)?WITH_([A-Z][A-Z0-9_]*)/g },
  { name: 'angle', pattern: /<([A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+)>/g },
  { name: 'angle-any', pattern: /<([A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*)>/g },
  { name: 'dollar-brace', pattern: /(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\}/g, isShell: true },
  { name: 'dollar', pattern: /(?<!\$)\$([A-Za-z_][A-Za-z0-9_]*)/g, isShell: true },
  {
    name: 'mustache',
    pattern: new RegExp(`\\{\\{\\s*${goWords}([A-Za-z_][A-Za-z0-9_]*)\\s*\\}\\}`, 'g'),
    isShell: true,
  },
  { name: 'hash-brace', pattern: /#\{\s*([A-Za-z][A-Za-z0-9_.-]*)\s*\}#/g },
  { name: 'underscores', pattern: /(?<![A-Za-z0-9_])__([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)__(?![A-Za-z0-9_])/g },
  // Two letters between percent signs may be the end of an encoded URL.
  { name: 'percent', pattern: /%([A-Z][A-Z0-9_]{2,})%/g },
  { name: 'your', pattern: /(?<![A-Za-z0-9_])YOUR[_-]([A-Z][A-Z0-9_]*)/g },
];

/** `$${name}` and `$$name` stay as `${name}` and `$name`. */
export const escapes: readonly { readonly style: PlaceholderStyle; readonly pattern: RegExp }[] = [
  { style: 'dollar-brace', pattern: /\$(\$\{[A-Za-z_][A-Za-z0-9_]*(?::?-[^}]*)?\})/g },
  { style: 'dollar', pattern: /\$(\$[A-Za-z_][A-Za-z0-9_]*)/g },
];

/** The input that a name in a placeholder means: `AWS-Account.ID` and `YOUR_AWS_ACCOUNT_ID` are aws_account_id. */
export function inputNamed(name: string): string {
  const words = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const own = words.replace(/^(?:your|my)_(?=[a-z])/, '');
  return /^[a-z]/.test(own) ? own : `input_${own}`;
}

/** A whole scalar that says only that something is missing; words that may be a name of something only in capitals. */
export function isMark(text: string): boolean {
  return /^<?(?:change[-_ ]?me|replace[-_ ]?me)>?$/i.test(text) || /^<?(?:TODO|TBD|FIXME)>?$/.test(text);
}

/** Whether a file may have one, told without parsing it. */
export const perhapsMarked = /change[-_ ]?me|replace[-_ ]?me|TODO|TBD|FIXME/i;
