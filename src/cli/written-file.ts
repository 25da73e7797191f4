import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import type { OptionSpec, Options } from './command.ts';
import { text } from './options.ts';

/** Of the commands that judge a deployment. */
export const junitOption: OptionSpec = {
  flags: '--junit <file>',
  description: 'also write a JUnit report: a test case per check',
};

/**
 * Looks, before anything runs, whether the file of a flag can be written when all is over.
 *
 * @throws DeployError `usage` where its folder doesn't exist, or it is a folder itself.
 */
export async function requireWritable(options: Options, name: string, { cwd }: Pick<Context, 'cwd'>): Promise<void> {
  const file = text(options, name);
  if (file === undefined) return;
  const path = resolve(cwd, file);
  const isFolder = async (one: string): Promise<boolean> =>
    stat(one).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
  const why = (await isFolder(path))
    ? 'It is a folder.'
    : (await isFolder(dirname(path)))
      ? undefined
      : `There is no folder ${dirname(path)}.`;
  if (why === undefined) return;
  throw new DeployError('usage', `--${name} ${JSON.stringify(file)} can't be written.`, {
    why,
    fix: 'Make the folder, or name another file.',
  });
}
