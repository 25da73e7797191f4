import { relative, sep } from 'node:path';
import { templateName } from '../../config/templates.ts';

/** Below the working directory a relative path; elsewhere the absolute one, never a row of `../`. */
export function displayName(file: string, cwd: string): string {
  const path = relative(cwd, file);
  if (path === '') return '.';
  return templateName(file) ?? slashed(path.startsWith('..') ? file : path);
}

/** A path of this system with `/` between its parts. */
export function slashed(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** Whether a path is a folder, or below it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
