import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { configFileName } from '../config/load.ts';
import { classify } from '../manifests/sources/classify.ts';
import { displayName, slashed } from '../manifests/sources/names.ts';
import { isKustomization } from '../manifests/sources/owners.ts';
import type { SourceFile } from '../manifests/sources/source-file.ts';
import { usualFolders } from '../manifests/sources/usual-folders.ts';
import { walkFolder } from '../manifests/sources/walk.ts';

/** What speaks for another application than the built-in one. */
export interface OwnManifests {
  /** For `-f`: a usual folder, or a file here, and one manifest of it. */
  readonly manifests: { readonly path: string; readonly example: SourceFile } | undefined;
  /** For `--config`: the configuration of a folder above. */
  readonly configAbove: string | undefined;
}

/** Each run without a configuration pays for the look. */
const foldersDeep = 3;
const filesRead = 40;
const maxBytes = 1_000_000;

/** Looks whether a folder without a configuration has manifests of its own, or belongs to one with a configuration. */
export async function findOwnManifests(cwd: string, homeDir: string): Promise<OwnManifests> {
  const above = configAbove(cwd, homeDir);
  return {
    manifests: await manifestsIn(cwd),
    configAbove: above === undefined ? undefined : slashed(relative(cwd, above)),
  };
}

async function manifestsIn(cwd: string): Promise<OwnManifests['manifests']> {
  const here = await firstManifest(cwd, 1, cwd);
  if (here !== undefined && isKustomization(here.name)) return { path: '.', example: here };
  for (const folder of usualFolders) {
    if (!existsSync(join(cwd, folder))) continue;
    const example = await firstManifest(join(cwd, folder), foldersDeep, cwd);
    if (example !== undefined) return { path: folder, example };
  }
  return here === undefined ? undefined : { path: here.name, example: here };
}

async function firstManifest(folder: string, depth: number, cwd: string): Promise<SourceFile | undefined> {
  const { files } = await walkFolder(folder, depth - 1);
  const kustomization = files.find(isKustomization);
  if (kustomization !== undefined) return { name: displayName(kustomization, cwd), text: '' };
  for (const file of files.filter((one) => /\.ya?ml$/i.test(one)).slice(0, filesRead)) {
    const info = await stat(file).catch(() => undefined);
    if (info === undefined || info.size > maxBytes) continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    if (isManifest(file, text)) return { name: displayName(file, cwd), text };
  }
  return undefined;
}

/** Surely one: a file with a mistake in it may be anything. */
function isManifest(file: string, text: string): boolean {
  return /^\s*apiVersion:/m.test(text) && /^\s*kind:/m.test(text) && classify(file, text).state === 'manifest';
}

/** The nearest one above, not beyond the repository or the home folder. */
function configAbove(cwd: string, homeDir: string): string | undefined {
  for (let folder = cwd; ; ) {
    const parent = dirname(folder);
    if (parent === folder || folder === homeDir || existsSync(join(folder, '.git'))) return undefined;
    if (existsSync(join(parent, configFileName))) return join(parent, configFileName);
    folder = parent;
  }
}
