import type { Config } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { ManifestReading } from './load.ts';
import type { ManifestPath } from './sources/selection.ts';

/** Which manifests a command is about. */
export interface ManifestChoice {
  readonly config: Config;
  /** `--manifests`, relative to the working directory; else the configuration's. */
  readonly manifests?: readonly string[];
  /** `--with`: names of add-ons. */
  readonly addons: readonly string[];
  readonly reading: ManifestReading;
}

/** The paths of the manifests and the folder that they start at; a finding for each add-on that there isn't. */
export function manifestPaths({ config, manifests, addons, reading }: ManifestChoice): {
  readonly paths: { readonly paths: readonly ManifestPath[]; readonly directory: string };
  readonly findings: readonly Finding[];
} {
  const known = Object.keys(config.addons);
  const findings = addons
    .filter((name) => !known.includes(name))
    .map((name) => {
      const fix =
        known.length === 0
          ? 'Leave --with out: the configuration has no add-ons.'
          : `Choose from: ${known.join(', ')}.`;
      return errorFinding('config/addon', `There is no add-on ${name}.`, fix);
    });
  const extra = addons.flatMap((name) => addonPaths(config, name));
  const paths =
    manifests === undefined
      ? { paths: [...configuredPaths(config), ...extra], directory: config.directory }
      : { paths: manifests.map((path) => ({ path })), directory: reading.cwd };
  return { paths, findings };
}

/** `manifests:` of the configuration, each with its place there. */
export function configuredPaths(config: Config): readonly ManifestPath[] {
  return config.manifests.map((path, index) => placed(config, path, ['manifests', index]));
}

/** The manifests of an add-on, in the same way. */
export function addonPaths(config: Config, name: string): readonly ManifestPath[] {
  const paths = config.addons[name]?.manifests ?? [];
  return paths.map((path, index) => placed(config, path, ['addons', name, 'manifests', index]));
}

function placed({ placeOf }: Config, path: string, field: readonly (string | number)[]): ManifestPath {
  const place = placeOf(field);
  return place === undefined ? { path } : { path, origin: place.origin };
}
