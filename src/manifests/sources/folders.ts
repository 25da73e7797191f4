import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../model/finding.ts';
import { isWithin } from './names.ts';
import { isKustomization, kustomizationNames, overlaysAmong, sortByOwner } from './owners.ts';
import type { Glob } from './patterns.ts';
import { foundWrong, type ManifestPath, type Search, type Selection, wrong } from './selection.ts';
import { chartFinding } from './templates.ts';
import { walkFolder } from './walk.ts';

const manifestFile = /\.(ya?ml|json)$/i;

/** A folder: rendered by Kustomize where it has a kustomization, else all manifest files below it. A part may be empty. */
export async function selectFolder(folder: string, search: Search, isPart = false): Promise<Selection> {
  const { isExcluded, given } = search;
  const tree = await walkFolder(folder);
  const unreadable = tree.unreadable.filter(({ path }) => !isExcluded(path));
  const all = tree.files.filter((file) => !isExcluded(file));
  if (kustomizationNames.some((name) => all.includes(join(folder, name))))
    return { selected: [{ type: 'kustomization', folder }], findings: [] };
  const files = all.filter(isCandidate);
  if (files.length > 0 || unreadable.length > 0) return withOwners(files, all, unreadable, search);
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
export async function selectGlob(glob: Glob, search: Search): Promise<Selection> {
  const { given, isExcluded, show } = search;
  const none = (): Selection =>
    foundWrong('manifests/missing', `${given.path} matches no manifest.`, {
      given,
      fix: `Check the pattern: it starts in ${show(glob.base) === '.' ? 'this folder' : show(glob.base)}; * stays in one folder, ** goes deeper.`,
    });
  if (!existsSync(glob.base)) return none();
  const tree = await walkFolder(glob.base, glob.depth);
  const matched = tree.folders.filter((folder) => glob.matches(folder) && !isExcluded(folder));
  const folders = matched.filter((folder) => !isBelow(folder, matched));
  const all = tree.files.filter((file) => !isExcluded(file));
  const files = all.filter((file) => glob.matches(file) && isCandidate(file));
  // A link that leads nowhere matters only where it is meant; behind a folder that nobody can look into is anything.
  const unreadable = tree.unreadable.filter(
    ({ path, code }) =>
      !isExcluded(path) && (path === glob.base || glob.matches(path) || (code !== 'ENOENT' && glob.depth > 1)),
  );
  if (folders.length === 0 && files.length === 0 && unreadable.length === 0) return none();
  const selections = await Promise.all([
    ...folders.map((folder) => selectFolder(folder, { ...search, given: { ...given, path: show(folder) } }, true)),
    withOwners(
      files.filter((file) => !isBelow(file, folders)),
      all,
      unreadable.filter(({ path }) => !isBelow(path, folders)),
      search,
    ),
  ]);
  const selected = selections.flatMap((one) => one.selected);
  const findings = selections.flatMap((one) => one.findings);
  return selected.length === 0 && findings.length === 0 ? none() : { selected, findings };
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path !== folder && isWithin(path, folder));
}

function isCandidate(file: string): boolean {
  return manifestFile.test(file) || isKustomization(file);
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
