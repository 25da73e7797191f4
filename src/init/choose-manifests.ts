import { dirname, normalize } from 'node:path/posix';
import { isRendered } from '../manifests/rendered-mark.ts';
import { classify } from '../manifests/sources/classify.ts';
import { isKustomization } from '../manifests/sources/owners.ts';
import { usualFolders } from '../manifests/sources/usual-folders.ts';
import type { TextFile } from './evidence.ts';
import { basesOf, type Kustomization, kustomizationAt } from './kustomizations.ts';

/** Where the manifests are. */
export interface ChosenManifests {
  /** For `manifests:` of the configuration. */
  readonly paths: readonly string[];
  /** All files that have a say in them, those of Kustomize too. */
  readonly files: readonly TextFile[];
  /** Kustomize's overlays, of which one is deployed at a time: name and folder. */
  readonly overlays: readonly (Kustomization & { readonly name: string })[];
  /** The kustomizations among the paths, and the paths that are none. */
  readonly kustomizations: readonly Kustomization[];
  readonly beside: readonly string[];
  /** Other folders with manifests, which weren't taken. */
  readonly others: readonly string[];
}

/** A path that was given: what the configuration is to say, and the files and folders that it stands for. */
export interface GivenPath {
  readonly path: string;
  readonly roots: readonly string[];
}

/** Manifests there are hardly ever those of the application. */
const aside = /(?:^|\/)(?:tests?|testdata|__\w+__|examples?|samples?|docs?|\.github)(?:\/|$)/;

/**
 * Decides which files are the application's manifests: those that are given, else one of the usual folders, else all
 * below the folder that have `apiVersion` and `kind`, by the highest folders that hold nothing else. `applied` is what
 * `kubectl apply` is given today: of several folders the one that is deployed.
 */
export function chooseManifests(
  files: readonly TextFile[],
  given: readonly GivenPath[],
  applied: readonly string[],
): ChosenManifests {
  const relevant = files.filter((file) => isManifestFile(file) || isKustomization(file.path));
  if (given.length > 0) {
    const roots = given.flatMap((one) => one.roots);
    const inside = relevant.filter(({ path }) => roots.some((root) => isBelow(path, root)));
    return withOverlays(
      given.map(({ path }) => path),
      withBases(inside, relevant),
    );
  }
  const written = relevant.filter(({ text }) => !isRendered(text));
  const isApplied = (folder: string): boolean => applied.some((path) => isBelow(normalize(path), folder));
  const folders = usualFolders
    .filter((folder) => written.some(({ path }) => isBelow(path, folder)))
    .toSorted((a, b) => Number(isApplied(b)) - Number(isApplied(a)));
  const [folder, ...others] = folders;
  if (folder !== undefined) {
    const chosen = withOverlays(
      [folder],
      written.filter(({ path }) => isBelow(path, folder)),
    );
    return { ...chosen, others };
  }
  const own = written.filter(({ path }) => !aside.test(path));
  return withOverlays(highestFolders(own, files), own);
}

/** Whether a file holds objects of Kubernetes. Configurations of tools have the same two fields. */
function isManifestFile({ path, text }: TextFile): boolean {
  if (!/\.(?:ya?ml|json)$/i.test(path) || isKustomization(path)) return false;
  const hasBoth = /^[ \t{-]*"?apiVersion"?\s*:/m.test(text) && /^[ \t-]*"?kind"?\s*:/m.test(text);
  return (hasBoth || /"apiVersion"[\s\S]*"kind"/.test(text)) && classify(path, text).state === 'manifest';
}

function isBelow(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** For each file the highest folder in which all YAML is manifests; a file beside others stands for itself. */
function highestFolders(manifests: readonly TextFile[], files: readonly TextFile[]): readonly string[] {
  const own = new Set(manifests.map(({ path }) => path));
  const strange = files.filter(({ path }) => /\.(?:ya?ml|json)$/.test(path) && !own.has(path)).map(({ path }) => path);
  const isPure = (folder: string): boolean => folder !== '.' && !strange.some((path) => isBelow(path, folder));
  const highest = manifests.map(({ path }) => {
    const usual = path
      .split('/')
      .findIndex((part, index, parts) => index < parts.length - 1 && usualFolders.includes(part));
    const named = path
      .split('/')
      .slice(0, usual + 1)
      .join('/');
    if (usual >= 0 && isPure(named)) return named;
    let best = path;
    for (let folder = dirname(path); isPure(folder); folder = dirname(folder)) best = folder;
    return best;
  });
  return [...new Set(highest)];
}

/** Where Kustomize is used, only a folder that nothing else is built on is deployed. */
function withOverlays(roots: readonly string[], files: readonly TextFile[]): ChosenManifests {
  const ofKustomize = files.filter(({ path }) => isKustomization(path));
  const folders = ofKustomize.map(({ path }) => dirname(path));
  const used = new Set(ofKustomize.flatMap((file) => basesOf(file)));
  const tops = folders.filter((folder) => !used.has(folder));
  const beside = tops.length === 0 ? roots : roots.filter((root) => !folders.some((folder) => isBelow(folder, root)));
  const kustomizations = tops.map((path) => kustomizationAt(path, files));
  const overlays = kustomizations.map((one) => ({ ...one, name: one.path.split('/').at(-1) ?? one.path }));
  const first = usualFirst.flatMap((name) => overlays.find((overlay) => overlay.name === name) ?? [])[0] ?? overlays[0];
  const isChoice = overlays.length > 1 && first !== undefined;
  const taken = isChoice ? kustomizations.filter(({ path }) => path === first.path) : kustomizations;
  return {
    files,
    others: [],
    paths: [...taken.map(({ path }) => path), ...beside],
    overlays: isChoice ? overlays : [],
    kustomizations: taken,
    beside,
  };
}

/** With what kustomizations among them are built on, wherever that is. */
function withBases(files: readonly TextFile[], all: readonly TextFile[]): readonly TextFile[] {
  const bases = files.filter(({ path }) => isKustomization(path)).flatMap(basesOf);
  const more = all.filter((file) => !files.includes(file) && bases.some((base) => isBelow(file.path, base)));
  return more.length === 0 ? files : withBases([...files, ...more], all);
}

/** Nothing goes to production because nobody said where to. */
const usualFirst = ['dev', 'development', 'local', 'test', 'staging', 'stage'];
