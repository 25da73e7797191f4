import { splitLine } from './line.ts';
import type { Candidate } from './wanted.ts';

/** What a shell asks: the words behind the program's name, up to the cursor, and how names are put in there. */
export interface Question {
  readonly words: readonly string[];
  /** A candidate as the shell wants it; undefined for one that can't stand there. */
  readonly insert: (value: string, flag: string) => string | undefined;
}

/** Reads what the completion script of a shell has given: bash its line, the others the words. */
export function questionOf([shell, ...args]: readonly string[]): Question | undefined {
  if (shell === 'zsh') return { words: args, insert: (value) => value };
  if (shell === 'fish') return { words: args, insert: (value, flag) => `${flag}${value}` };
  if (shell !== 'bash') return undefined;
  const [line = '', breaks = ''] = args;
  const { words, kept, isQuoted } = splitLine(line, breaks);
  const typed = words.at(-1) ?? '';
  return { words: words.slice(1), insert: (value, flag) => forBash(`${flag}${value}`, typed, kept, isQuoted) };
}

/** Bash inserts what it is given as it is: what could be run or expanded is quoted here. */
function forBash(value: string, typed: string, kept: string, isQuoted: boolean): string | undefined {
  if (!value.startsWith(typed)) return undefined;
  const rest = value.slice(kept.length);
  if (/^[\w@%+=:,./-]*$/.test(rest)) return rest;
  return isQuoted ? undefined : rest.replace(/[^\w@%+=:,./-]/gu, '\\$&');
}

/** The answer to a shell: in its first line how to go on, in each further one a candidate. */
export function formatNames(flag: string, candidates: readonly Candidate[], insert: Question['insert']): string {
  const shown = candidates.filter(({ value }) => !isOdd(value));
  // A name that ends with = wants its value behind it.
  const isOpen = shown.length > 0 && shown.every(({ value }) => value.endsWith('='));
  const lines = shown.flatMap(({ value, about }) => {
    const inserted = insert(value, flag);
    return inserted === undefined ? [] : [`${inserted}\t${aboutOf(about)}\n`];
  });
  return `${isOpen ? 'open' : 'values'}\t${flag}\n${lines.join('')}`;
}

/** The shell itself knows the files. */
export function formatPaths(how: 'files' | 'directories', flag: string): string {
  return `${how}\t${flag}\n`;
}

/** Names with control characters, line breaks or marks that turn the writing around can't be typed, and could deceive. */
function isOdd(text: string): boolean {
  return text === '' || /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text);
}

function aboutOf(about: string | undefined): string {
  const plain = (about ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return plain.length <= 60 ? plain : `${plain.slice(0, 57)}...`;
}
