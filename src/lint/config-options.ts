import { isOwn } from '../config/addons/with-addons.ts';
import type { Config } from '../config/schema.ts';
import type { LintOptions } from './lint.ts';

/** What of a run decides how its manifests are linted. */
interface Run {
  readonly config: Config;
  readonly manifests?: readonly string[];
}

/** Whether a run has all manifests of the configuration that are on: those that are given beside one may be a part. */
export function hasAll({ config, manifests }: Run): boolean {
  return manifests === undefined || config.origin !== 'file';
}

/** The silences of a configuration, and whether this run has all of its manifests. */
export function configOptions({
  config,
  manifests,
}: Run): Pick<LintOptions, 'silences' | 'placeOf' | 'isPart' | 'isMeant'> {
  return {
    isMeant: (id, addon) => config.addons[addon]?.ignore?.some((one) => one.id === id) === true,
    silences: config.checks.ignore,
    placeOf: (index) => config.placeOf(['checks', 'ignore', index])?.origin,
    isPart: manifests !== undefined || Object.values(config.addons).some((one) => isOwn(one) && one.state === 'off'),
  };
}
