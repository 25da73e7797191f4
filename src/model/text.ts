/** Cuts a text in the middle: names differ at their ends. */
export function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const kept = Math.max(width - 3, 2);
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}...${text.slice(text.length - (kept - head))}`;
}

/** A clause as a sentence: with a full stop, where it doesn't end like one already. */
export function sentence(clause: string): string {
  return /[.!?]$/.test(clause) ? clause : `${clause}.`;
}

/** A text that begins with a capital letter. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A text for the middle of a sentence. */
export function uncapitalized(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** So many names are read; what more there are is counted. */
const namesShown = 8;

/** Names for a sentence: `a, b, c`, and of many `a, b, ... and 992 more`. */
export function namesIn(names: readonly string[]): string {
  const more = names.length - namesShown;
  // One name is no longer than its count.
  if (more <= 1) return names.join(', ');
  return `${names.slice(0, namesShown).join(', ')} and ${more} more`;
}

/** A word as a POSIX shell reads it back: quoted only where it has to be. */
export function shellQuoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A text without the space around it; undefined for one that says nothing, as a variable that is set to "". */
export function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/** A text on one line, whatever is in it. */
export function onOneLine(text: string): string {
  return text.replaceAll('\n', '\\n').replaceAll('\t', '\\t');
}
