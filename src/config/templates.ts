import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with the built-in application's manifests: beside src/ in a checkout, beside dist/ in a package. */
export function templatesDirectory(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  const candidates = ['..', '../..'].map((up) => join(start, up, 'templates'));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`templates not found in ${candidates.join(', ')}`);
  return found;
}

/** How messages call a file of that folder where the folder itself is no lasting one; undefined where its path says enough. */
export function templateName(_file: string): string | undefined {
  return undefined;
}
