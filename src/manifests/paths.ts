import type { Config } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';

/** Which manifests a command is about. */
export interface ManifestChoice {
  readonly config: Config;
  /** `--manifests`, relative to the working directory; else the configuration's. */
  readonly manifests?: readonly string[];
  /** `--with`: names of add-ons. */
  readonly addons: readonly string[];
  readonly cwd: string;
}

/** The paths of the manifests and the folder that they start at; a finding for each add-on that there isn't. */
export function manifestPaths({ config, manifests, addons, cwd }: ManifestChoice): {
  readonly paths: { readonly paths: readonly string[]; readonly directory: string };
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
  const extra = addons.flatMap((name) => config.addons[name]?.manifests ?? []);
  const paths =
    manifests === undefined
      ? { paths: [...config.manifests, ...extra], directory: config.directory }
      : { paths: manifests, directory: cwd };
  return { paths, findings };
}
