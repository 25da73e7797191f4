import { hasToken } from './placeholders/tokens.ts';
import type { SourceFile } from './sources/source-file.ts';

/** A scalar's new text, and where the old one begins and ends in the file, quotes included. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** It stood without quotes: a lone placeholder there takes its input's type. */
  readonly isPlain?: boolean;
}

/** The file with other scalars; everything else, its lines too, stays as it is. */
export function withScalars(file: SourceFile, splices: readonly Splice[]): SourceFile {
  let { text } = file;
  for (const { start, end, text: scalar, isPlain = false } of splices.toSorted((a, b) => b.start - a.start)) {
    const lines = text.slice(start, end).split('\n').length - 1;
    // Quoted, it stands anywhere; what was written over several lines keeps their number.
    const written = isPlain && hasToken.test(scalar) ? scalar : JSON.stringify(scalar);
    text = `${text.slice(0, start)}${written}${'\n'.repeat(lines)}${text.slice(end)}`;
  }
  return splices.length === 0 ? file : { ...file, text };
}
