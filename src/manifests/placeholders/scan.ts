import type { Placeholders } from '../../config/schema.ts';
import { escapes, inputNamed, type Style, styles } from './styles.ts';
import { foreign, type Placeholder, textToken, tokenOf } from './tokens.ts';

/** What is a placeholder, and what looks like one and is none. */
export interface PlaceholderRules extends Placeholders {
  readonly active: readonly Style[];
}

/** The rules that a configuration makes. */
export function rulesOf(placeholders: Placeholders): PlaceholderRules {
  return { ...placeholders, active: styles.filter(({ name }) => placeholders.styles.includes(name)) };
}

interface Match {
  readonly start: number;
  readonly end: number;
  /** Of two that begin at one place the lower goes first. */
  readonly rank: number;
  /** Undefined: it stays as it is. */
  readonly token: string | undefined;
  readonly placeholder?: Placeholder;
}

/** A text with a token for each placeholder; its lines stay what they were. */
export function tokenise(text: string, rules: PlaceholderRules): string {
  let result = '';
  let last = 0;
  for (const { start, end, token } of matchesIn(text, rules)) {
    if (token === undefined) continue;
    result += text.slice(last, start) + token;
    last = end;
  }
  return result + text.slice(last);
}

/** The placeholders of a text, as it stands in a file or in the cluster. */
export function scan(text: string, rules: PlaceholderRules): readonly Placeholder[] {
  return matchesIn(text, rules).flatMap(({ placeholder }) => placeholder ?? []);
}

/** What counts in a text, from its start on: no two overlap, and what begins first goes before what begins inside it. */
function matchesIn(text: string, rules: PlaceholderRules): readonly Match[] {
  const all = [
    ...[...text.matchAll(foreign)].map(({ 0: char, index }) => literal(char, index, 0, textToken(char))),
    ...rules.keep.flatMap((kept) => placesOf(kept, text).map((index) => literal(kept, index, 1, undefined))),
    ...Object.entries({ ...rules.literals, ...rules.inputs }).flatMap(([found, input]) =>
      placesOf(found, text)
        .filter((index) => isAlone(text, index, index + found.length))
        .map((index) => named(found, index, 2, { text: found, input, isShell: false })),
    ),
    ...escapes
      .filter(({ style }) => rules.styles.includes(style))
      .flatMap(({ pattern }) =>
        [...text.matchAll(pattern)].map(({ 0: whole, 1: kept = '', index }) =>
          literal(whole, index, 3, textToken(kept)),
        ),
      ),
    ...rules.active.flatMap((style) => styled(text, style)),
  ];
  all.sort((a, b) => a.start - b.start || a.rank - b.rank || b.end - a.end);
  let last = 0;
  return all.filter(({ start, end }) => {
    if (start < last) return false;
    last = end;
    return true;
  });
}

function styled(text: string, { pattern, isShell = false }: Style): readonly Match[] {
  return [...text.matchAll(pattern)].map(({ 0: whole, 1: name = '', 2: fallback, index }) => {
    const placeholder = { text: whole, input: inputNamed(name), isShell };
    return named(whole, index, 4, fallback === undefined ? placeholder : { ...placeholder, fallback });
  });
}

function literal(text: string, start: number, rank: number, token: string | undefined): Match {
  return { start, end: start + text.length, rank, token };
}

function named(text: string, start: number, rank: number, placeholder: Placeholder): Match {
  return { start, end: start + text.length, rank, token: tokenOf(placeholder), placeholder };
}

function placesOf(wanted: string, text: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

/** Whether a text isn't a part of a longer word or number: an account id in a longer number is none. */
function isAlone(text: string, start: number, end: number): boolean {
  const isInWord = (inside: string | undefined, outside: string | undefined): boolean =>
    /^[A-Za-z0-9]$/.test(inside ?? '') && /^[A-Za-z0-9]$/.test(outside ?? '');
  return !isInWord(text[start], text[start - 1]) && !isInWord(text[end - 1], text[end]);
}
