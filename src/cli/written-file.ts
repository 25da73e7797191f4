import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { DeployError, messageOf, systemCodeOf } from '../errors.ts';

const pages: ReadonlySet<string> = new Set(['.html', '.htm']);

/**
 * Refuses, before anything runs, a page that can't be written when all is over. Only a page is ever written over.
 *
 * @throws DeployError `usage`.
 */
export async function requireWritablePage(flag: string, path: string): Promise<void> {
  if (!pages.has(extname(path).toLowerCase())) {
    const why = 'A report is an HTML page, and no other file is written over.';
    throw unwritable(flag, path, why, 'Give it a name such as deploy.html.');
  }
  await requireWritable(flag, path);
}

/**
 * Refuses, before anything runs, a file that can't be written when all is over. `flag` is what it was named by; `path` is
 * absolute.
 *
 * @throws DeployError `usage`.
 */
export async function requireWritable(flag: string, path: string): Promise<void> {
  const folder = dirname(path);
  try {
    if (!(await stat(folder)).isDirectory()) throw unwritable(flag, path, `${folder} is no folder.`);
    await access(folder, constants.W_OK);
  } catch (error) {
    if (error instanceof DeployError) throw error;
    const isMissing = systemCodeOf(error) === 'ENOENT';
    throw isMissing
      ? unwritable(flag, path, `There is no folder ${folder}.`, 'Make the folder first, or name another file.')
      : unwritable(flag, path, messageOf(error));
  }
  const isFolder = await stat(path).then(
    (there) => there.isDirectory(),
    () => false,
  );
  if (isFolder) throw unwritable(flag, path, 'It is a folder.');
}

function unwritable(flag: string, path: string, why: string, fix = 'Name another file.'): DeployError {
  return new DeployError('usage', `${flag} ${path} can't be written. Nothing was changed.`, { why, fix });
}
