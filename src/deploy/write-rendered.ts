import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeployError, messageOf } from '../errors.ts';
import { isRendered, renderedMark } from '../manifests/rendered-mark.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatYaml } from '../model/yaml.ts';

/**
 * Writes one numbered file per object, and removes those of an earlier rendering: `kubectl apply -f` takes all that is
 * in a folder.
 *
 * @throws DeployError `usage`: the folder that was named holds manifests that aren't ours, or can't be written.
 */
export async function writeRendered(manifests: readonly Manifest[], directory: string): Promise<readonly string[]> {
  try {
    await mkdir(directory, { recursive: true });
    const { earlier, foreign } = await manifestsIn(directory);
    if (foreign.length > 0) {
      throw holdsOthers(directory, foreign, {
        what: 'other manifests',
        why: 'who applies the folder would apply both',
      });
    }
    const names = namesOf(manifests);
    await Promise.all(earlier.filter((name) => !names.includes(name)).map((name) => rm(join(directory, name))));
    await Promise.all(
      manifests.map(async ({ ref, body }, index) => {
        // Whoever may not read a Secret in the cluster shall not read it here.
        const mode = ref.kind === 'Secret' ? 0o600 : 0o644;
        const file = join(directory, names[index] ?? '');
        await writeFile(file, `${renderedMark}\n${formatYaml(body)}`, { mode });
        // The mode of writeFile is for new files only.
        await chmod(file, mode);
      }),
    );
    return names.map((name) => join(directory, name));
  } catch (error) {
    if (error instanceof DeployError) throw error;
    throw unwritable(directory, error);
  }
}

function namesOf(manifests: readonly Manifest[]): readonly string[] {
  const width = String(manifests.length).length;
  return manifests.map(({ ref }, index) => {
    const name = `${String(index + 1).padStart(width, '0')}-${ref.kind}-${ref.name}`;
    return `${name.toLowerCase().replace(/[^a-z0-9.-]/g, '-')}.yaml`;
  });
}

/** The manifests of a folder: those of an earlier rendering, and all others. */
async function manifestsIn(
  directory: string,
): Promise<{ readonly earlier: readonly string[]; readonly foreign: readonly string[] }> {
  const names = (await readdir(directory)).filter((name) => /\.(ya?ml|json)$/i.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const isOurs = (index: number): boolean => isRendered(texts[index] ?? '');
  return { earlier: names.filter((_, index) => isOurs(index)), foreign: names.filter((_, index) => !isOurs(index)) };
}

/** The error of a folder for renderings that can't be written. */
export function unwritable(directory: string, error: unknown): DeployError {
  return new DeployError('usage', `The folder ${directory} can't be written.`, {
    why: messageOf(error),
    fix: 'Choose another one: --output-dir.',
  });
}

/** The error of a folder with files that no rendering has written: `what` they are, and `why` that matters. */
export function holdsOthers(
  directory: string,
  names: readonly string[],
  { what, why }: { readonly what: string; readonly why: string },
): DeployError {
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return new DeployError('usage', `The folder ${directory} holds ${what}. Nothing was written.`, {
    why: `${names.slice(0, 3).join(', ')}${more}: ${why}.`,
    fix: 'Choose an empty folder: --output-dir.',
  });
}
