import { realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCodeOf } from '../../errors.ts';
import { selectFolder, selectGlob } from './folders.ts';
import { displayName } from './names.ts';
import { isKustomization } from './owners.ts';
import { exclusionOf, parseGlob } from './patterns.ts';
import { foundWrong, type ManifestPath, type Search, type Selected, type Selection } from './selection.ts';

/** Files, folders and globs to find, from where, and for whom messages are. */
export interface SelectRequest {
  readonly paths: readonly ManifestPath[];
  readonly directory: string;
  readonly cwd: string;
}

/** Finds what paths mean, in a stable order: paths as given, below a folder by name, each file once. */
export async function selectPaths({ paths, directory, cwd }: SelectRequest): Promise<Selection> {
  const exclusions = paths.filter(({ path }) => path.startsWith('!')).map(({ path }) => path.slice(1));
  const included = paths.filter(({ path }) => !path.startsWith('!'));
  const isExcluded = exclusionOf(exclusions, directory);
  const show = (path: string): string => displayName(path, cwd);
  if (included.length === 0) {
    return foundWrong('manifests/missing', 'All paths begin with !: they only leave manifests out.', {
      given: paths[0] ?? { path: '' },
      fix: 'Name a folder or a file, too.',
    });
  }
  const selections = await Promise.all(
    included.map(async (given) => ofAddon(await selectPath({ isExcluded, given, directory, show }), given.addon)),
  );
  const selected = await eachOnce(selections.flatMap((one) => one.selected));
  const findings = selections.flatMap((one) => one.findings);
  const [given] = included;
  if (selected.length > 0 || findings.length > 0 || given === undefined) return { selected, findings };
  return foundWrong('manifests/empty', 'All manifests are left out by paths with !.', { given });
}

function ofAddon(selection: Selection, addon: string | undefined): Selection {
  if (addon === undefined) return selection;
  return { ...selection, selected: selection.selected.map((one) => ({ ...one, addon })) };
}

async function selectPath(search: Search): Promise<Selection> {
  const { given, directory, isExcluded } = search;
  if (given.path === '-') return { selected: [{ type: 'stdin' }], findings: [] };
  if (/^https?:\/\//.test(given.path)) {
    const cause = `${given.path} is an address: manifests are read from this machine.`;
    return foundWrong('manifests/unreadable', cause, {
      given,
      fix: `Pipe it in: curl -fsSL ${given.path} | oms-deploy up -f -`,
    });
  }
  const found = await lookUp(given.path, directory);
  if (found.state === 'missing') {
    const glob = parseGlob(given.path, directory);
    if (glob !== undefined) return selectGlob(glob, search);
  }
  if (found.state !== 'found') return cannotRead(found, given);
  if (found.is === 'folder') return selectFolder(found.path, search);
  if (found.is === 'other') {
    const cause = `${given.path} is neither a file nor a folder.`;
    return foundWrong('manifests/unreadable', cause, { given, fix: 'Pipe it in: ... | oms-deploy up -f -' });
  }
  if (isExcluded(found.path)) return { selected: [], findings: [] };
  if (isKustomization(found.path))
    return { selected: [{ type: 'kustomization', folder: dirname(found.path) }], findings: [] };
  return { selected: [{ type: 'file', path: found.path, isNamed: true }], findings: [] };
}

type Found =
  | { readonly state: 'found'; readonly path: string; readonly is: 'file' | 'folder' | 'other' }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly code: string };

/** Looks for a path as it is written, then with Windows' separators as those of this system. */
async function lookUp(path: string, directory: string): Promise<Found> {
  for (const written of [path, path.replaceAll('\\', '/')]) {
    const absolute = resolve(directory, written);
    try {
      const one = await stat(absolute);
      return { state: 'found', path: absolute, is: one.isFile() ? 'file' : one.isDirectory() ? 'folder' : 'other' };
    } catch (error) {
      const code = systemCodeOf(error) ?? 'error';
      if (code !== 'ENOENT' && code !== 'ENOTDIR') return { state: 'unreadable', code };
    }
  }
  return { state: 'missing' };
}

function cannotRead(found: Exclude<Found, { state: 'found' }>, given: ManifestPath): Selection {
  return found.state === 'missing'
    ? foundWrong('manifests/missing', `There is no file or folder ${given.path}.`, { given })
    : foundWrong('manifests/unreadable', `${given.path} can't be read (${found.code}).`, { given });
}

/** The first of several that are the same file, or the same folder, by whatever way. */
async function eachOnce(selected: readonly Selected[]): Promise<readonly Selected[]> {
  const keys = await Promise.all(
    selected.map(async (one) => {
      if (one.type === 'stdin') return '-';
      const path = one.type === 'file' ? one.path : one.folder;
      return realpath(path).catch(() => path);
    }),
  );
  return selected.filter((_, index) => keys.indexOf(keys[index] ?? '') === index);
}
