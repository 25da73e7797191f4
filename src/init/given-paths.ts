import { stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { DeployError } from '../errors.ts';
import { selectPaths } from '../manifests/sources/select.ts';
import type { GivenPath } from './choose-manifests.ts';

/**
 * What `--manifests` names, relative to where the user stands: files and folders as they are, globs with what they match.
 *
 * @throws DeployError `usage` for standard input, which no later run can read again; `invalid` for a path that isn't there.
 */
export async function givenPaths(paths: readonly string[], cwd: string): Promise<readonly GivenPath[]> {
  if (paths.includes('-')) {
    throw new DeployError('usage', 'A configuration has to name files: standard input is gone with this run.', {
      fix: 'Write them into a file, and name that: -f <file>.',
    });
  }
  const show = (path: string): string => relative(cwd, resolve(cwd, path)).split(sep).join('/') || '.';
  return Promise.all(
    paths.map(async (path) => {
      const isThere = await stat(resolve(cwd, path)).then(
        () => true,
        () => false,
      );
      if (isThere) return { path: show(path), roots: [show(path)] };
      const { selected, findings } = await selectPaths({ paths: [{ path }], directory: cwd, cwd });
      const roots = selected.flatMap((one) =>
        one.type === 'file' ? show(one.path) : one.type === 'kustomization' ? show(one.folder) : [],
      );
      if (roots.length === 0)
        throw new DeployError('invalid', 'No manifest was found. Nothing was written.', { findings });
      return { path: show(path), roots };
    }),
  );
}
