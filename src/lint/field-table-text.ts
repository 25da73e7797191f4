import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The table of the API's fields as JSON: beside the bundle; from src/ the one of the last build. */
export async function fieldTableText(): Promise<string> {
  const start = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(start, 'lint', 'fields.json'), join(start, '..', '..', 'dist', 'lint', 'fields.json')];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`the fields of the API were not found in ${candidates.join(', ')}`);
  return readFile(found, 'utf8');
}
