import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, posix, relative, resolve, sep } from 'node:path';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { repositoryOf } from '../releases/author.ts';

/**
 * Where a folder is in its repository: what `--path` says, else below the top folder of its git repository, else, where
 * there is none, below the working directory.
 *
 * @throws DeployError `usage` where it can't be told.
 */
export async function pathInRepository(
  given: string | undefined,
  directory: string | undefined,
  { cwd, env, signal }: Pick<Context, 'cwd' | 'env' | 'signal'>,
): Promise<string> {
  if (given !== undefined) return cleaned(given);
  // As one stream on standard output they are nowhere yet.
  if (directory === undefined) return '.';
  const folder = realFolder(resolve(cwd, directory));
  const top = await repositoryOf(folder.there, env, signal);
  if (top !== undefined) return cleaned(relative(realpathSync(top), folder.path) || '.');
  if (isAbsolute(directory)) throw unknownPath(directory);
  return cleaned(directory);
}

/** A folder, perhaps one to come, with its links followed as git does it, and the nearest one that is there. */
function realFolder(path: string): { readonly path: string; readonly there: string } {
  const rest: string[] = [];
  let there = path;
  while (!existsSync(there)) {
    rest.unshift(there.slice(dirname(there).length).replace(/^[/\\]/, ''));
    there = dirname(there);
  }
  there = realpathSync(there);
  return { path: join(there, ...rest), there };
}

function cleaned(path: string): string {
  const clean = posix.normalize(path.split(sep).join('/')).replace(/^\/+|\/+$/g, '') || '.';
  if (clean === '..' || clean.startsWith('../')) throw unknownPath(path);
  return clean;
}

function unknownPath(path: string): DeployError {
  return new DeployError('usage', `Where ${path} is in the repository can't be told.`, {
    fix: 'Say it: --path deploy/shop.',
  });
}
