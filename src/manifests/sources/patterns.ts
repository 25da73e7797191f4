import { resolve } from 'node:path';
import picomatch from 'picomatch';
import { isWithin, slashed } from './names.ts';

/** A glob: the folder that it starts in, and whether it means a file or folder below that. */
export interface Glob {
  readonly base: string;
  /** How many folders below the base it can reach. */
  readonly depth: number;
  readonly matches: (path: string) => boolean;
}

/** Reads a path as a glob; undefined for one without `*`, `?`, `[...]` or `{...}`. */
export function parseGlob(pattern: string, directory: string): Glob | undefined {
  // Windows' separators work everywhere; there is no way to escape a character of a glob.
  const { base, glob, isGlob } = picomatch.scan(pattern.replaceAll('\\', '/'));
  if (!isGlob) return undefined;
  const start = resolve(directory, base);
  const isMatch = picomatch(glob);
  const prefix = `${slashed(start).replace(/\/$/, '')}/`;
  return {
    base: start,
    depth: glob.includes('**') ? Number.POSITIVE_INFINITY : glob.split('/').length,
    matches: (path) => {
      if (path === start) return glob === '**';
      const whole = slashed(path);
      return whole.startsWith(prefix) && isMatch(whole.slice(prefix.length));
    },
  };
}

/** Whether paths that begin with `!` leave a file or folder out: a path itself, a folder with all below it, a glob. */
export function exclusionOf(paths: readonly string[], directory: string): (path: string) => boolean {
  const tests = paths.map((pattern) => {
    const glob = parseGlob(pattern, directory);
    const path = resolve(directory, pattern.replaceAll('\\', '/'));
    return glob === undefined ? (tested: string) => isWithin(tested, path) : glob.matches;
  });
  return (path) => tests.some((excludes) => excludes(path));
}
