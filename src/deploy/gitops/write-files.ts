import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { DeployError, systemCodeOf } from '../../errors.ts';
import { isRendered, renderedMark } from '../../manifests/rendered-mark.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { formatYaml } from '../../model/yaml.ts';
import { holdsOthers, unwritable } from '../write-rendered.ts';
import type { RenderedFile } from './engine.ts';

/** All objects in one text, in their order. */
export function yamlOf(objects: readonly KubernetesObject[]): string {
  return objects.map((body) => `---\n${formatYaml(body)}`).join('');
}

/** What a rendering has made of its folder. */
export interface WrittenFolder {
  readonly paths: readonly string[];
  /** Files of an earlier rendering that this one doesn't have, relative to the folder. */
  readonly removed: readonly string[];
}

/**
 * Writes the files into a folder, in place of those of an earlier rendering.
 *
 * @throws DeployError `usage`: the folder that was named holds a file that isn't ours, or can't be written.
 */
export async function writeFiles(files: readonly RenderedFile[], directory: string): Promise<WrittenFolder> {
  try {
    const { ours, foreign } = await filesIn(directory);
    if (foreign.length > 0) {
      throw holdsOthers(directory, foreign, { what: 'files that are not ours', why: 'the engine might apply both' });
    }
    const paths = files.map(({ path }) => join(directory, path));
    const gone = ours.filter((path) => !paths.includes(path));
    await Promise.all(gone.map((path) => removeWithFolder(path, directory)));
    for (const [index, { objects }] of files.entries()) {
      const path = paths[index] ?? '';
      await mkdir(dirname(path), { recursive: true });
      const documents = objects.map((body) => formatYaml(body)).join('---\n');
      await writeFile(path, `${renderedMark}\n${documents}`);
    }
    return { paths, removed: gone.map((path) => relative(directory, path)) };
  } catch (error) {
    if (error instanceof DeployError) throw error;
    throw unwritable(directory, error);
  }
}

/** What is in a folder: files of an earlier rendering, and all else but hidden files (`.git`). */
async function filesIn(
  directory: string,
): Promise<{ readonly ours: readonly string[]; readonly foreign: readonly string[] }> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const seen = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }))
    .filter(
      ({ path }) =>
        !relative(directory, path)
          .split(/[\\/]/)
          .some((part) => part.startsWith('.')),
    )
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const isOurs = await Promise.all(
    // A link leads elsewhere: what is there isn't ours, whatever it says.
    seen.map(async ({ path, isFile }) => isFile && isRendered(await readFile(path, 'utf8'))),
  );
  return {
    ours: seen.flatMap(({ path }, index) => (isOurs[index] === true ? [path] : [])),
    foreign: seen.flatMap(({ path }, index) => (isOurs[index] === true ? [] : [relative(directory, path)])),
  };
}

/** Git doesn't keep empty folders either. */
async function removeWithFolder(path: string, directory: string): Promise<void> {
  await rm(path);
  if (dirname(path) === directory) return;
  await rmdir(dirname(path)).catch((error: unknown) => {
    const code = systemCodeOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error;
  });
}
