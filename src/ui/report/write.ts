import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { DeployError, messageOf, systemCodeOf } from '../../errors.ts';

/**
 * Refuses a file that a report can't be written to: before anything runs, so that no deploy ends without its report.
 *
 * @throws DeployError `usage`.
 */
export async function requireWritable(path: string): Promise<void> {
  if (!['.html', '.htm'].includes(extname(path).toLowerCase())) {
    throw unwritable(
      path,
      'A report is an HTML page, and no other file is written over.',
      'Give it a name such as deploy.html.',
    );
  }
  const folder = dirname(path);
  try {
    if (!(await stat(folder)).isDirectory()) throw unwritable(path, `${folder} is no folder.`);
    await access(folder, constants.W_OK);
  } catch (error) {
    if (error instanceof DeployError) throw error;
    const isMissing = systemCodeOf(error) === 'ENOENT';
    throw isMissing
      ? unwritable(path, `There is no folder ${folder}.`, 'Make the folder first, or name another file.')
      : unwritable(path, messageOf(error));
  }
  const isFolder = await stat(path).then(
    (there) => there.isDirectory(),
    () => false,
  );
  if (isFolder) throw unwritable(path, 'It is a folder.');
}

function unwritable(path: string, why: string, fix = 'Name another file.'): DeployError {
  return new DeployError('usage', `--report ${path} can't be written. Nothing was changed.`, { why, fix });
}

/** Writes a file that is there whole or not at all. */
export async function writeReport(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
