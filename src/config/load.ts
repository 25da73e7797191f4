import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DeployError } from '../errors.ts';
import { parseYaml } from '../model/yaml.ts';
import { type BuiltInSettings, builtInSettings } from './built-in.ts';
import { type Layer, placeIn } from './layers.ts';
import { nameOfConfig } from './read-file.ts';
import type { Config } from './schema.ts';
import { templatesDirectory } from './templates.ts';

/** The file that is read where no `--config` is given and it exists in the working directory. */
export const configFileName = 'oms-deploy.yaml';

/** `--config built-in`: the built-in application is meant, whatever the folder holds. */
export const builtInWord = 'built-in';

export interface ConfigRequest {
  /** `--config`, a file or `built-in`; else `oms-deploy.yaml` here, else the built-in application. */
  readonly path?: string | undefined;
  /** `--env`: the environment whose settings lie over the others. */
  readonly environment?: string | undefined;
  readonly cwd: string;
}

/**
 * Reads the configuration. A file without manifests says only what is to be otherwise for the built-in application.
 *
 * @throws DeployError `invalid` with a finding per mistake, at its line and column, those of all environments; `usage` for
 *   an environment where there is no file.
 */
export async function loadConfig({ path: given, environment, cwd }: ConfigRequest): Promise<Config> {
  const path = given === builtInWord ? undefined : given;
  const here = join(cwd, configFileName);
  const builtIn = join(templatesDirectory(), configFileName);
  const isBuiltIn = given === builtInWord || (path === undefined && !existsSync(here));
  if (isBuiltIn && environment !== undefined) throw noEnvironments(environment, given === builtInWord);
  const checked = isBuiltIn ? builtInSettings() : undefined;
  const asked = given === builtInWord ? { isAsked: true } : {};
  if (checked !== undefined) return { ...builtInConfig(checked, builtIn, cwd), ...asked };
  const file = path !== undefined ? resolve(cwd, path) : isBuiltIn ? builtIn : here;
  // Reading a file of the user's takes as long as reading its manifests: who has none doesn't load what that needs.
  const { readConfig } = await import('./read-config.ts');
  const config = await readConfig({ file, asGiven: path ?? file, builtIn, environment, cwd });
  return { ...config, ...asked, origin: isBuiltIn ? 'built-in' : 'file' };
}

/** Its file is read only where somebody asks for a place in it. */
function builtInConfig(settings: BuiltInSettings, file: string, cwd: string): Config {
  const name = nameOfConfig(file, cwd);
  let layers: readonly Layer[] | undefined;
  const read = (): readonly Layer[] => {
    const { documents, lines } = parseYaml(readFileSync(file, 'utf8'));
    return documents.map((document) => ({ name: 'file', file: name, document, lines, prefix: [], value: {} }));
  };
  return {
    ...settings,
    overrides: [],
    file: name,
    directory: dirname(file),
    origin: 'built-in',
    placeOf: (path) => placeIn((layers ??= read()), path),
  };
}

/**
 * The configuration for manifests that come without one, from what is known of the built-in application's inputs: the
 * Terraform outputs and AWS facts that stand behind a name. Its defaults were chosen for it alone, and don't hold here.
 */
export function configForManifests(builtIn: Config, namespace: string): Config {
  const inputs = Object.entries(builtIn.inputs).flatMap(([name, { description, secret, sources, prompt }]) =>
    sources.length === 0 ? [] : [[name, { description, secret, sources, prompt, optional: false }] as const],
  );
  return {
    ...builtIn,
    application: namespace,
    namespace,
    homes: [namespace],
    addons: {},
    images: {},
    checks: { ignore: [] },
    inputs: Object.fromEntries(inputs),
    origin: 'manifests',
    placeOf: () => undefined,
  };
}

/** The built-in application has none, and its file is nobody's to edit. */
function noEnvironments(name: string, isMeant: boolean): DeployError {
  const why = isMeant ? 'the built-in application has none' : `there is no ${configFileName} here`;
  return new DeployError('usage', `There is no environment ${name}: ${why}. Nothing was changed.`, {
    fix: 'Name the configuration that has it (--config <file>), or leave --env out.',
  });
}
