import { relative, resolve, sep } from 'node:path';
import { isAddonFile } from '../../config/addons/file-name.ts';

/** Where a run on GitHub Actions finds its files. */
export interface Checkout {
  /** The folder that files are named from. */
  readonly cwd: string;
  /** The top of the checkout. */
  readonly workspace: string | undefined;
}

/**
 * A file from the top of the checkout, as GitHub names files: the same in an annotation and in the job summary. Undefined for
 * what isn't in it (standard input, built-in files, those of add-ons, and as they were in a release).
 */
export function checkoutPath(file: string, { cwd, workspace }: Checkout): string | undefined {
  if (file.startsWith('<') || isAddonFile(file) || /^release \d+: /.test(file)) return undefined;
  const path = relative(workspace ?? cwd, resolve(cwd, file));
  return path === '' || path.startsWith('..') || resolve(path) === path ? undefined : path.split(sep).join('/');
}
