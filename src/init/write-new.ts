import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, lstat, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { loadConfig } from '../config/load.ts';
import { DeployError, systemCodeOf } from '../errors.ts';

/**
 * Lets nobody answer questions for a file that is there already.
 *
 * @throws DeployError `invalid`.
 */
export async function refuseExisting(target: string, out: string): Promise<void> {
  const exists = await lstat(target).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new DeployError('invalid', `There is a file ${out} already. Nothing was written.`, {
    why: 'A configuration that somebody has written is never replaced.',
    fix: 'Move it away, or write another one beside it: --out <file>.',
  });
}

/**
 * Writes a file that isn't there yet. The text is read as a configuration first; then it is there as a whole, or not at all.
 *
 * @throws DeployError `usage` where it can't be written, `invalid` where there is such a file.
 */
export async function writeNew(target: string, out: string, text: string, cwd: string): Promise<void> {
  const draft = join(dirname(target), `.${basename(target)}.${randomBytes(4).toString('hex')}`);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    await loadConfig({ path: draft, cwd });
    await link(draft, target).catch(async (error: unknown) => {
      // Some file systems have no hard links.
      if (systemCodeOf(error) === 'EEXIST') throw error;
      await copyFile(draft, target, constants.COPYFILE_EXCL);
    });
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === undefined) throw error;
    // Somebody's file came up meanwhile, as `refuseExisting` has it.
    throw new DeployError(code === 'EEXIST' ? 'invalid' : 'usage', `${out} can't be written (${code}).`, {
      fix: 'Name another file: --out <file>.',
    });
  } finally {
    await rm(draft, { force: true });
  }
}
