/** Colours of a terminal: a log that has them is easier to read without. */
// oxlint-disable-next-line no-control-regex -- control characters are what this removes
const colours = /\u001b\[[0-9;:]*m/g;

/**
 * What changes how a text is read, and isn't seen: control characters, marks of direction, letters without width, halves of
 * surrogate pairs, the invisible letters of tags (Unicode 17, chapters 23.2, 23.9).
 */
const hidden =
  // oxlint-disable-next-line no-control-regex -- control characters are what this shows
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}|[\u{e0000}-\u{e007f}]/gu;

/** A text in which what is hidden can be seen: ESC as U+241B, a right-to-left override as `<U+202E>`. Line breaks and tabs stay. */
export function visible(text: string): string {
  return text.replace(colours, '').replaceAll('\r\n', '\n').replace(hidden, shown);
}

function shown(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
