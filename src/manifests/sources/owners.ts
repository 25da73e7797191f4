import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { arrayOf, objectOf, stringOf } from '../../model/json.ts';
import { parseYaml } from '../../model/yaml.ts';
import { isWithin } from './names.ts';

/** The names under which Kustomize looks for its own file. */
export const kustomizationNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Whether a file is one that Kustomize reads by itself. */
export function isKustomization(file: string): boolean {
  return kustomizationNames.includes(basename(file));
}

/** Files by what has to be done with them: those of a chart or a kustomization are no manifests by themselves. */
export interface Owned {
  readonly plain: readonly string[];
  /** The folders of Helm charts, each with its files. */
  readonly charts: ReadonlyMap<string, readonly string[]>;
  /** Folders with a kustomization, each with its files. */
  readonly kustomizations: ReadonlyMap<string, readonly string[]>;
}

/** Sorts `files` by the chart or kustomization that they belong to, as far as `all` of the folder shows them. */
export function sortByOwner(files: readonly string[], all: readonly string[]): Owned {
  const chartFolders = all
    .filter((file) => basename(file) === 'Chart.yaml')
    .map(dirname)
    // A chart without templates makes nothing; what stands beside such a file are manifests.
    .filter((folder) => all.some((file) => isWithin(file, resolve(folder, 'templates'))));
  const kustomizationFolders = all.filter(isKustomization).map(dirname);
  const plain: string[] = [];
  const charts = new Map<string, string[]>();
  const kustomizations = new Map<string, string[]>();
  for (const file of files) {
    const chart = outermost(chartFolders, file);
    const kustomization = innermost(kustomizationFolders, file);
    if (chart !== undefined) charts.set(chart, [...(charts.get(chart) ?? []), file]);
    else if (kustomization !== undefined)
      kustomizations.set(kustomization, [...(kustomizations.get(kustomization) ?? []), file]);
    else plain.push(file);
  }
  return { plain, charts, kustomizations };
}

function innermost(folders: readonly string[], file: string): string | undefined {
  return folders.filter((folder) => isWithin(file, folder)).toSorted((a, b) => b.length - a.length)[0];
}

/** Of charts the outer one: those in its charts/ are rendered with it. */
function outermost(folders: readonly string[], file: string): string | undefined {
  return folders.filter((folder) => isWithin(file, folder)).toSorted((a, b) => a.length - b.length)[0];
}

/** The kustomizations that no other one of them builds on, and that aren't only parts of one (components). */
export async function overlaysAmong(folders: readonly string[]): Promise<readonly string[]> {
  const read = await Promise.all(folders.map(async (folder) => ({ folder, ...(await readKustomization(folder)) })));
  const used = new Set(read.flatMap(({ builtOn }) => builtOn));
  const overlays = read.filter(({ folder, isComponent }) => !isComponent && !used.has(folder));
  return overlays.map(({ folder }) => folder);
}

async function readKustomization(
  folder: string,
): Promise<{ readonly builtOn: readonly string[]; readonly isComponent: boolean }> {
  for (const name of kustomizationNames) {
    try {
      const [document] = parseYaml(await readFile(resolve(folder, name), 'utf8')).documents;
      const body = objectOf(document?.toJS());
      const paths = ['resources', 'bases', 'components'].flatMap((key) => arrayOf(body[key]));
      const builtOn = paths.flatMap((path) => stringOf(path) ?? []).map((path) => resolve(folder, path));
      return { builtOn, isComponent: body.kind === 'Component' };
    } catch {
      // Another name; or one that is broken, which Kustomize tells better.
    }
  }
  return { builtOn: [], isComponent: false };
}
