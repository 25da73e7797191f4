import { allAddons } from '../config/addons/with-addons.ts';
import type { Config } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { didYouMean } from '../model/suggest.ts';
import { capitalized } from '../model/text.ts';
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
  const known = knownAddons(config);
  // Beside -f only what is asked for itself: what the configuration has on belongs to all of its manifests.
  const isOn = (name: string): boolean =>
    config.addons[name]?.state !== 'off' &&
    (manifests === undefined || addons.includes(name) || addons.includes(allAddons));
  const extra = known.filter(isOn).flatMap((name) => addonPaths(config, name));
  const own = manifests === undefined ? configuredPaths(config) : manifests.map((path) => ({ path }));
  return {
    paths: { paths: [...own, ...extra], directory: manifests === undefined ? config.directory : reading.cwd },
    findings: unknownAddons(config, addons),
  };
}

function knownAddons({ addons }: Config): readonly string[] {
  return Object.keys(addons).filter((name) => addons[name]?.manifests !== undefined);
}

/** Those that there aren't: asked for by a flag, or by the configuration. */
export function unknownAddons(config: Config, addons: readonly string[]): readonly Finding[] {
  const asked = addons.filter((name) => name !== allAddons);
  const known = knownAddons(config);
  const said = Object.keys(config.addons).filter((name) => config.addons[name]?.state !== 'off');
  const unknown = [...new Set([...asked, ...said])].filter((name) => !known.includes(name));
  return unknown.map((name) => {
    const place = config.placeOf(['addons', name]);
    const ofBuiltIn =
      name === 'ingress' ? 'It is of the built-in application: write an Ingress among your own manifests.' : '';
    const choice = known.length === 0 ? 'there are no add-ons' : `choose from: ${known.join(', ')}`;
    return errorFinding(
      'config/addon',
      `There is no add-on ${name}.`,
      ofBuiltIn || repeated(name, known) || didYouMean(name, known) || `${capitalized(choice)}.`,
      {
        ...(place?.isExact === true ? { origin: place.origin } : {}),
      },
    );
  });
}

/** Several in one: each is asked for by a flag of its own. */
function repeated(name: string, known: readonly string[]): string {
  const names = name.split(',').map((one) => one.trim());
  const areKnown = names.length > 1 && names.every((one) => one === allAddons || known.includes(one));
  return areKnown ? `Name each by itself: ${names.map((one) => `--with ${one}`).join(' ')}.` : '';
}

/** `manifests:` of the configuration, each with its place there. */
export function configuredPaths(config: Config): readonly ManifestPath[] {
  return config.manifests.map((path, index) => placed(config, path, ['manifests', index]));
}

/** The manifests of an add-on, in the same way. */
export function addonPaths(config: Config, name: string): readonly ManifestPath[] {
  const paths = config.addons[name]?.manifests ?? [];
  return paths.map((path, index) => ({ ...placed(config, path, ['addons', name, 'manifests', index]), addon: name }));
}

function placed({ placeOf }: Config, path: string, field: readonly (string | number)[]): ManifestPath {
  const place = placeOf(field);
  return place === undefined ? { path } : { path, origin: place.origin };
}
