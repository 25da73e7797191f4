/** A command line up to the cursor, as a shell splits it; nothing in it is expanded or run. */
export interface Line {
  /** The words, without their quotes; the last is the one at the cursor. */
  readonly words: readonly string[];
  /** Of the last word: what stays of it where a name is put in. */
  readonly kept: string;
  /** The last word is in quotes: a name goes in as it is. */
  readonly isQuoted: boolean;
}

/** Splits a line of bash. `breaks` are the characters behind which it completes anew (COMP_WORDBREAKS), such as `=` and `:`. */
export function splitLine(line: string, breaks: string): Line {
  const words: string[] = [];
  let word: string | undefined;
  let kept = '';
  let quote = '';
  let hasQuotes = false;
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && /["\\$`]/.test(line.charAt(index + 1))) {
        index += 1;
        word += line.charAt(index);
      } else word += char;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      [word, kept, hasQuotes] = [undefined, '', false];
    } else if (char === '"' || char === "'") {
      [word, kept, quote, hasQuotes] = [word ?? '', word ?? '', char, true];
    } else if (char === '\\') {
      index += 1;
      word = (word ?? '') + line.charAt(index);
    } else {
      word = (word ?? '') + char;
      if (breaks.includes(char)) kept = word;
    }
  }
  return { words: [...words, word ?? ''], kept, isQuoted: hasQuotes };
}
