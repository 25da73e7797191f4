import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The files of a folder and of those in it, by their paths below it, in order. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
