import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCodeOf } from '../../errors.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import type { Origin } from '../../model/object.ts';
import { displayName } from './names.ts';
import { kustomizationNames, overlaysAmong, sortByOwner } from './owners.ts';
import { exclusionOf, type Glob, parseGlob } from './patterns.ts';
import { chartFinding } from './templates.ts';
import { walkFolder } from './walk.ts';

/** A path as it was given, and where in the configuration it stands. */
export interface ManifestPath {
  readonly path: string;
  readonly origin?: Origin;
}

/** What is to be read. `isNamed`: by its own path; other files were found in a folder, or by a glob. */
export type Selected =
  | { readonly type: 'stdin' }
  | { readonly type: 'file'; readonly path: string; readonly isNamed: boolean }
  | { readonly type: 'kustomization'; readonly folder: string };

/** Files, folders and globs to find, from where, and for whom messages are. */
export interface SelectRequest {
  readonly paths: readonly ManifestPath[];
  readonly directory: string;
  readonly cwd: string;
}

export interface Selection {
  readonly selected: readonly Selected[];
  readonly findings: readonly Finding[];
}

interface Search {
  readonly isExcluded: (path: string) => boolean;
  readonly given: ManifestPath;
  readonly directory: string;
  readonly show: (path: string) => string;
}

const manifestFile = /\.(ya?ml|json)$/i;

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
    included.map((given) => selectPath({ isExcluded, given, directory, show }, isExcluded)),
  );
  const selected = await eachOnce(selections.flatMap((one) => one.selected));
  const findings = selections.flatMap((one) => one.findings);
  const [given] = included;
  if (selected.length > 0 || findings.length > 0 || given === undefined) return { selected, findings };
  return foundWrong('manifests/empty', 'All manifests are left out by paths with !.', { given });
}

async function selectPath(search: Search, isExcluded: (path: string) => boolean): Promise<Selection> {
  const { given, directory } = search;
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
  if (kustomizationNames.includes(basename(found.path)))
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

/** A folder: rendered by Kustomize where it has a kustomization, else all manifest files below it. A part may be empty. */
async function selectFolder(folder: string, search: Search, isPart = false): Promise<Selection> {
  const { isExcluded, given } = search;
  const tree = await walkFolder(folder);
  const all = tree.files.filter((file) => !isExcluded(file));
  if (kustomizationNames.some((name) => all.includes(join(folder, name))))
    return { selected: [{ type: 'kustomization', folder }], findings: [] };
  const files = all.filter(isCandidate);
  if (files.length > 0 || tree.unreadable.length > 0) return withOwners(files, all, tree.unreadable, search);
  if (isPart) return { selected: [], findings: [] };
  const cause = tree.files.some(isCandidate)
    ? `All manifests of the folder ${given.path} are left out by paths with !.`
    : `The folder ${given.path} holds no manifest: no file in it ends in .yaml, .yml or .json.`;
  return foundWrong('manifests/empty', cause, {
    given,
    fix: 'Name the folder with your manifests: --manifests <path>.',
  });
}

/** A glob: files that it matches, and folders, each with all below it. */
async function selectGlob(glob: Glob, search: Search): Promise<Selection> {
  const { given, isExcluded, show, directory } = search;
  const none = (): Selection =>
    foundWrong('manifests/missing', `${given.path} matches no manifest.`, {
      given,
      fix: `Check the pattern: it starts in ${show(directory)}; * stays in one folder, ** goes deeper.`,
    });
  if ((await lookUp(glob.base, directory)).state !== 'found') return none();
  const tree = await walkFolder(glob.base);
  const matched = tree.folders.filter((folder) => glob.matches(folder) && !isExcluded(folder));
  const folders = matched.filter(
    (folder) => !matched.some((other) => other !== folder && folder.startsWith(join(other, '/'))),
  );
  const all = tree.files.filter((file) => !isExcluded(file));
  const files = all.filter((file) => glob.matches(file) && isCandidate(file));
  if (folders.length === 0 && files.length === 0) return none();
  const selections = await Promise.all([
    ...folders.map((folder) => selectFolder(folder, { ...search, given: { ...given, path: show(folder) } }, true)),
    withOwners(
      files.filter((file) => !folders.some((folder) => file.startsWith(join(folder, '/')))),
      all,
      [],
      search,
    ),
  ]);
  const selected = selections.flatMap((one) => one.selected);
  const findings = selections.flatMap((one) => one.findings);
  return selected.length === 0 && findings.length === 0 ? none() : { selected, findings };
}

function isCandidate(file: string): boolean {
  return manifestFile.test(file) || kustomizationNames.includes(basename(file));
}

/** Files of a folder without those that Helm or Kustomize would have to render, and what to do about these. */
async function withOwners(
  files: readonly string[],
  all: readonly string[],
  unreadable: readonly { readonly path: string; readonly code: string }[],
  { given, show }: Search,
): Promise<Selection> {
  const { plain, charts, kustomizations } = sortByOwner(files, all);
  const findings = [
    ...unreadable.map(({ path, code }) =>
      wrong('manifests/unreadable', `${show(path)} can't be read (${code}).`, { given }),
    ),
    ...[...charts].map(([folder, inside]) => chartFinding(show(folder), inside.map(show), given.origin)),
  ];
  if (kustomizations.size > 0) findings.push(await kustomizationsInside([...kustomizations.keys()], given, show));
  return { selected: plain.map((path) => ({ type: 'file', path, isNamed: false })), findings };
}

async function kustomizationsInside(
  folders: readonly string[],
  given: ManifestPath,
  show: (path: string) => string,
): Promise<Finding> {
  const overlays = (await overlaysAmong(folders)).map(show);
  const [example = show(folders[0] ?? '')] = overlays;
  return wrong(
    'manifests/ambiguous',
    `${given.path} takes in files that Kustomize has to render: which kustomization is meant isn't clear.`,
    {
      given,
      evidence: overlays.map((folder) => `there is ${folder}`),
      fix: `Name the one that is meant: -f ${example} (manifests: [...] in the configuration), or leave it out: -f '!${example}'.`,
    },
  );
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

interface Wrong {
  readonly given: ManifestPath;
  readonly fix?: string;
  readonly evidence?: readonly string[];
}

function wrong(id: string, cause: string, { given, fix, evidence = [] }: Wrong): Finding {
  const { origin } = given;
  const correct = origin === undefined ? 'Check the path: --manifests <path>.' : 'Correct the path.';
  return errorFinding(id, cause, fix ?? correct, { evidence, ...(origin === undefined ? {} : { origin }) });
}

function foundWrong(id: string, cause: string, details: Wrong): Selection {
  return { selected: [], findings: [wrong(id, cause, details)] };
}
