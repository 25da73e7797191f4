import { displayKey } from './names.ts';

/** One `KEY=value` of a dotenv file; `line` counts from 1. */
export interface DotenvEntry {
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** What is wrong with a line. The text never holds a value. */
export interface DotenvProblem {
  readonly line: number;
  readonly why: string;
}

export interface Dotenv {
  readonly entries: readonly DotenvEntry[];
  readonly problems: readonly DotenvProblem[];
}

type Value = { readonly text: string; readonly end: number } | { readonly why: string };

/**
 * Reads a dotenv file. `'...'` is kept as it is; in `"..."` the escapes \n \r \t \\ \" count; both may span lines. Without
 * quotes the value is kept as it is up to the end of the line, with `=`, `#` and `$` in it; only ` #` behind a space is
 * refused, since it may be a comment or a part of a password. Node's `util.parseEnv` isn't used: it cuts `pa#ss` at
 * the `#`, swallows the lines behind an open quote, keeps a byte order mark in the first key, and knows no lines.
 */
export function parseDotenv(source: string): Dotenv {
  const text = source.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const entries: DotenvEntry[] = [];
  const problems: DotenvProblem[] = [];
  let index = 0;
  let line = 1;
  while (index < text.length) {
    const lineEnd = endOfLine(text, index);
    const head = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=[ \t]*/.exec(text.slice(index, lineEnd));
    const [prefix = '', key = ''] = head ?? [];
    let end = lineEnd;
    if (head !== null) {
      const value = readValue(text, index + prefix.length, lineEnd);
      if ('why' in value) problems.push({ line, why: `the value of ${displayKey(key)} ${value.why}` });
      else {
        entries.push({ key, value: value.text, line });
        end = value.end;
      }
    } else if (!/^\s*(#|$)/.test(text.slice(index, lineEnd))) {
      problems.push({ line, why: 'the line is not KEY=value' });
    }
    line += text.slice(index, end + 1).split('\n').length - 1;
    index = end + 1;
  }
  return { entries, problems };
}

function readValue(text: string, start: number, lineEnd: number): Value {
  const quote = text[start];
  if (start < lineEnd && (quote === '"' || quote === "'")) return readQuoted(text, start, quote);
  const raw = text.slice(start, lineEnd).trimEnd();
  if (raw.startsWith('#')) return { why: 'starts with #: put it in quotes, or leave the comment out' };
  if (/\s#/.test(raw)) return { why: 'has a # behind a space: put it in quotes, or the comment on a line of its own' };
  return { text: raw, end: lineEnd };
}

function readQuoted(text: string, start: number, quote: '"' | "'"): Value {
  const close = closingQuote(text, start, quote);
  if (close === undefined) return { why: `has a ${quote} that is never closed` };
  const end = endOfLine(text, close);
  if (!/^\s*(#.*)?$/.test(text.slice(close + 1, end))) return { why: `goes on behind its closing ${quote}` };
  const inner = text.slice(start + 1, close);
  return { text: quote === '"' ? unescape(inner) : inner, end };
}

function closingQuote(text: string, start: number, quote: '"' | "'"): number | undefined {
  for (let index = start + 1; index < text.length; index += 1) {
    if (quote === '"' && text[index] === '\\') index += 1;
    else if (text[index] === quote) return index;
  }
  return undefined;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['"', '"'],
  ['\\', '\\'],
]);

/** An escape that we don't know stays as it was written. */
function unescape(text: string): string {
  return text.replace(/\\([\s\S])/g, (whole, char: string) => escapes.get(char) ?? whole);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}
