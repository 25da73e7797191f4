/** Colours of a terminal. */
// oxlint-disable-next-line no-control-regex -- control characters are what this removes
const colours = /\u001b\[[0-9;:]*m/g;

/**
 * What changes how a text is read, and isn't seen: control characters, marks of direction, letters without width, halves of
 * surrogate pairs, the invisible letters of tags (Unicode 17, chapters 23.2, 23.9).
 */
const hidden =
  // oxlint-disable-next-line no-control-regex -- control characters are what this shows
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}|[\u{e0000}-\u{e007f}]/gu;

/**
 * A text in which what is hidden can be seen: ESC as U+241B, a right-to-left override as `<U+202E>`; without Unicode ESC is
 * `<U+001B>`, too. Line breaks and tabs stay.
 */
export function visible(text: string, hasUnicode = true): string {
  return text.replace(hidden, (character) => shown(character, hasUnicode));
}

function shown(character: string, hasUnicode: boolean): string {
  const code = character.codePointAt(0) ?? 0;
  if (hasUnicode && code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (hasUnicode && code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/** A line of a log without the colours that a program gave it: they are no part of what it says. */
export function withoutColours(text: string): string {
  return text.replace(colours, '');
}

/** A copy of data with every text in it as `show` shows it: what holds code, such as a function or a class, stays as it is. */
export function withShown<T>(value: T, show: (text: string) => string): T;
export function withShown(value: unknown, show: (text: string) => string): unknown {
  if (typeof value === 'string') return show(value);
  if (Array.isArray(value)) return value.map((one: unknown) => withShown(one, show));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withShown(one, show)]));
}
