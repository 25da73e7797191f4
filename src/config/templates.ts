import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonFileName } from './addons/file-name.ts';

/** The folder with the built-in application's manifests: beside src/ in a checkout, beside dist/ in a package. */
export function templatesDirectory(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  const candidates = ['..', '../..'].map((up) => join(start, up, 'templates'));
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`templates not found in ${candidates.join(', ')}`);
  return found;
}

/**
 * How messages call a file of that folder whose path tells nobody anything: of an add-on, which is changed by what it is told,
 * or of a folder that is no lasting one. Undefined where the path says enough.
 */
export function templateName(file: string): string | undefined {
  // Without looking for the folder for each file of an application.
  if (!file.includes(join('templates', 'addons', sep))) return undefined;
  return addonFileName(relative(templatesDirectory(), file));
}
