/**
 * Placeholders as tokens. Some of them can't stand in YAML (`{{X}}` is a mapping, `#{X}#` a comment), and none must be
 * mistaken for another once values are filled in. So each is turned into a token before a file is parsed: characters of
 * Unicode's private use area, which YAML takes for letters, and which say themselves what stood there.
 */

/** A placeholder: what stood there, and what it means. */
export interface Placeholder {
  readonly text: string;
  /** Empty for a mark such as CHANGEME, which names none. */
  readonly input: string;
  /** Where the input has no value. */
  readonly fallback?: string;
  /** Perhaps it is meant for somebody who reads the value: a shell, a program. */
  readonly isShell: boolean;
}

export type Piece = string | Placeholder;

const start = '\uE000';
const separator = '\uE001';
const end = '\uE002';
/** Begins the decoded text of a value in `data` of a Secret. */
const decodedMark = `${start}d${end}`;
/** ASCII is moved by this much. */
const offset = 0xe100;

const tokenPattern = /\uE000([pst])([^\uE002]*)\uE002/g;
/** Whether a text has a token in it. */
export const hasToken = /\uE000/;
/** What may not stand in a file itself: it would be taken for a part of a token. */
export const foreign = /[\uE000-\uE17F]/g;

/** A placeholder as a token. */
export function tokenOf({ text, input, fallback, isShell }: Placeholder): string {
  const parts = [input, text, ...(fallback === undefined ? [] : [fallback])];
  return `${start}${isShell ? 's' : 'p'}${parts.map(encode).join(separator)}${end}`;
}

/** A text that is no placeholder, whatever it looks like. */
export function textToken(text: string): string {
  return `${start}t${encode(text)}${end}`;
}

/** Text, and the placeholders in it, in their order. */
export function piecesOf(tokenised: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let last = 0;
  for (const { 0: token, 1: kind, 2: content = '', index } of tokenised.matchAll(tokenPattern)) {
    if (index > last) pieces.push(tokenised.slice(last, index));
    pieces.push(kind === 't' ? decode(content) : placeholderOf(content, kind === 's'));
    last = index + token.length;
  }
  if (last < tokenised.length) pieces.push(tokenised.slice(last));
  return pieces;
}

function placeholderOf(content: string, isShell: boolean): Placeholder {
  const [input = '', text = '', fallback] = content.split(separator).map(decode);
  return { text, input, isShell, ...(fallback === undefined ? {} : { fallback }) };
}

/** The placeholders of a text with tokens. */
export function placeholdersIn(tokenised: string): readonly Placeholder[] {
  return hasToken.test(tokenised) ? piecesOf(tokenised).filter((piece) => typeof piece !== 'string') : [];
}

/** A text as it stood in the file, for messages. */
export function withoutTokens(tokenised: string): string {
  if (!hasToken.test(tokenised)) return tokenised;
  const pieces = piecesOf(tokenised.replaceAll(decodedMark, ''));
  return pieces.map((piece) => (typeof piece === 'string' ? piece : piece.text)).join('');
}

/** Marks a text as the decoded value of a key in `data`. */
export function markDecoded(tokenised: string): string {
  return decodedMark + tokenised;
}

/** The text without that mark; undefined where it has none. */
export function unmarked(tokenised: string): string | undefined {
  return tokenised.startsWith(decodedMark) ? tokenised.slice(decodedMark.length) : undefined;
}

function encode(text: string): string {
  return text.replaceAll(/[\0-\x7F\uE000-\uE17F]/g, (char) => {
    const code = char.charCodeAt(0);
    // A character of the area itself is spelled out.
    return code < 0x80 ? String.fromCharCode(offset + code) : `${encodedEscape}${encode(code.toString(16))}`;
  });
}

/** Stands before the four hexadecimal digits of a character of the area: nothing else in a file becomes U+E100. */
const encodedEscape = String.fromCharCode(offset);

function decode(encoded: string): string {
  const plain = encoded.replaceAll(/[\uE100-\uE17F]/g, (char) => String.fromCharCode(char.charCodeAt(0) - offset));
  return plain.replaceAll(/\0([0-9a-f]{4})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
