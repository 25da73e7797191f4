import { errorsOf, type Finding } from '../model/finding.ts';
import { chooseImages, type ImageFlags, noImageFlags } from './choose-images.ts';
import { loadFiles, type SourceFile } from './load.ts';
import { type ManifestChoice, manifestPaths } from './paths.ts';

export interface LoadedManifests {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
  /** Inputs whose placeholders stood where another image or tag stands now. */
  readonly replaced: ReadonlySet<string>;
}

/**
 * Reads the manifests that are meant, with the images that flags and configuration choose.
 *
 * @throws DeployError `usage` for a `--tag` that would be the tag of no image.
 */
export async function loadChosen(
  choice: ManifestChoice & { readonly readStdin: () => Promise<string> },
  { settings, tag }: Pick<ImageFlags, 'settings' | 'tag'> = noImageFlags,
): Promise<LoadedManifests> {
  const { config, manifests, cwd } = choice;
  const { paths, findings } = manifestPaths(choice);
  const loaded = await loadFiles({ ...paths, cwd, readStdin: choice.readStdin });
  // What is off now, or was left out by -f, may be what the configuration speaks of.
  const rest = [
    ...Object.values(config.addons).flatMap((addon) => addon.manifests),
    ...(manifests === undefined ? [] : config.manifests),
  ];
  const others =
    Object.keys(config.images).length > 0 && rest.length > 0
      ? await loadFiles({ paths: rest, directory: config.directory, cwd, readStdin: () => Promise.resolve('') })
      : { files: [] };
  const choices = { config: config.images, flags: settings, ...(tag === undefined ? {} : { tag }) };
  const isPart = errorsOf(loaded.findings).length > 0;
  const chosen = chooseImages(loaded.files, choices, { elsewhere: others.files, isPart });
  return {
    files: chosen.files,
    findings: [...findings, ...loaded.findings, ...chosen.findings],
    replaced: chosen.replaced,
  };
}
