import { isOwn } from '../config/addons/with-addons.ts';
import type { Config, InputEntry } from '../config/schema.ts';
import { withParts } from '../inputs/wanted.ts';
import { loadFiles, type ManifestReading } from '../manifests/load.ts';
import { tokenised } from '../manifests/load-chosen.ts';
import { addonPaths } from '../manifests/paths.ts';
import { rulesOf } from '../manifests/placeholders/scan.ts';
import { usesOf } from '../manifests/uses.ts';

/** Inputs by name, as a configuration declares them. */
export type InputEntries = Readonly<Record<string, InputEntry>>;

/**
 * The inputs of the add-ons that a configuration has of its own, which don't declare any: those that their manifests have
 * placeholders for, in the order of the configuration. A composed one stands for its parts. Manifests that can't be read
 * have none: whoever switches the add-on on is told why.
 */
export async function ownAddonInputs(
  config: Config,
  reading: ManifestReading,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, InputEntries>> {
  const own = Object.entries(config.addons).filter(([, addon]) => isOwn(addon));
  const rules = rulesOf(config.placeholders);
  const { styles } = config.placeholders;
  const { directory } = config;
  const read = own.map(async ([name]) => {
    const paths = addonPaths(config, name).filter(({ path }) => path !== '-');
    const { files } = await loadFiles({ ...reading, paths, directory, styles }, signal);
    const { names } = withParts(usesOf(files.map((file) => tokenised(file, rules))), config);
    const told = Object.entries(config.inputs).filter(
      ([input, { compose }]) => names.has(input) && compose === undefined,
    );
    return [name, Object.fromEntries(told)] as const;
  });
  return new Map(await Promise.all(read));
}
