import { dirname, join } from 'node:path';
import { DeployError } from '../errors.ts';
import { type Finding, formatPlace } from '../model/finding.ts';
import { isObject, type JsonObject, objectOf } from '../model/json.ts';
import { didYouMean } from '../model/suggest.ts';
import { checkSettings, notMappings } from './check-settings.ts';
import { type Layer, placeIn } from './layers.ts';
import { overridesIn } from './overrides.ts';
import { type ConfigFile, readConfigFile } from './read-file.ts';
import type { Config, Settings } from './schema.ts';

/** A configuration file, and how its user has named it. */
export interface ConfigToRead {
  readonly file: string;
  readonly asGiven: string;
  readonly environment?: string | undefined;
  readonly cwd: string;
  /** The file of the built-in application. */
  readonly builtIn: string;
}

/**
 * Reads a configuration. A file without manifests says only what is to be otherwise for the built-in application.
 *
 * @throws DeployError `invalid` with a finding per mistake, at its line and column, those of all environments.
 */
export async function readConfig(request: ConfigToRead): Promise<Omit<Config, 'origin'>> {
  const { file, asGiven, builtIn, environment, cwd } = request;
  const read = await readConfigFile(file, asGiven, cwd);
  const isWhole = file === builtIn || 'manifests' in read.value;
  const below = isWhole ? [] : builtInBelow(read, await readConfigFile(builtIn, builtIn, cwd));
  return {
    ...chooseSettings(read, below, environment),
    file: read.name,
    directory: dirname(file),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** Whoever names neither manifests nor another application means the built-in one. */
function builtInBelow({ value }: ConfigFile, builtIn: ConfigFile): readonly Layer[] {
  const isOther = 'application' in value && value.application !== builtIn.value.application;
  return isOther ? [] : [builtInLayer(builtIn)];
}

/** The built-in application below somebody's own file: its paths must not depend on where that file is. */
function builtInLayer(read: ConfigFile): Layer {
  const directory = dirname(read.file);
  const absolute = (paths: unknown): string[] =>
    Array.isArray(paths) ? paths.map((path) => join(directory, String(path))) : [];
  const addons = isObject(read.value.addons) ? read.value.addons : {};
  const value = {
    ...read.value,
    manifests: absolute(read.value.manifests),
    addons: Object.fromEntries(
      Object.entries(addons).map(([name, addon]) => [
        name,
        isObject(addon) ? { ...addon, manifests: absolute(addon.manifests) } : addon,
      ]),
    ),
  };
  return { ...layerOf(read, [], value), name: 'built-in' };
}

function layerOf({ name: file, document, lines }: ConfigFile, prefix: Layer['prefix'], value: JsonObject): Layer {
  return { name: prefix.length > 0 ? 'environment' : 'file', file, document, lines, prefix, value };
}

/**
 * The settings of the chosen environment. The others are looked at, too: their mistakes would wait for the night they are
 * needed. What all environments say themselves need not be said without one.
 */
function chooseSettings(
  read: ConfigFile,
  below: readonly Layer[],
  environment: string | undefined,
): Omit<Settings, 'overrides'> & Pick<Config, 'overrides' | 'placeOf' | 'environments' | 'homes'> {
  const { environments: written = {}, ...rest } = read.value;
  const base = [...below, layerOf(read, [], rest)];
  const environments = objectOf(written);
  const names = Object.keys(environments);
  if (environment !== undefined && !names.includes(environment))
    throw unknownEnvironment(environment, names, read.name);
  const layersOf = (name: string): readonly Layer[] => [
    ...base,
    layerOf(read, ['environments', name], objectOf(environments[name])),
  ];
  const chosen = environment === undefined ? base : layersOf(environment);
  const parsed = checkSettings(chosen);
  const others = names.filter((name) => name !== environment).map((name) => checkSettings(layersOf(name)));
  const misshapen = notMappings(written, base);
  const findings = [...misshapen, ...[parsed, ...others].flatMap((one) => one.findings)];
  if (findings.length > 0 || parsed.settings === undefined) {
    const distinct = new Map(findings.map((one) => [`${one.cause} ${formatPlace(one)}`, one]));
    // Where an environment fails as well, choosing one mends nothing.
    const areOthersValid = misshapen.length === 0 && others.every((one) => one.settings !== undefined);
    const isChoiceOpen = environment === undefined && others.length > 0 && areOthersValid;
    throw new DeployError('invalid', `The configuration ${read.name} is not valid.`, {
      findings: [...distinct.values()].toSorted(byLine),
      ...(isChoiceOpen ? { fix: `With an environment it may be: --env ${names.join(' or --env ')}.` } : {}),
    });
  }
  const said = [...base, ...names.flatMap((name) => layersOf(name).slice(-1))].map(({ value }) => value.namespace);
  const homes = [...new Set([parsed.settings.namespace, ...said])].filter((one) => typeof one === 'string');
  return {
    ...parsed.settings,
    overrides: overridesIn(chosen),
    environments: names,
    homes,
    placeOf: (path) => placeIn(chosen, path),
  };
}

function byLine({ origin: a }: Finding, { origin: b }: Finding): number {
  if (a === undefined || b === undefined || a.file !== b.file) return 0;
  return a.line - b.line || (a.column ?? 0) - (b.column ?? 0);
}

function unknownEnvironment(name: string, known: readonly string[], file: string): DeployError {
  const there = known.length === 0 ? 'It has none.' : `It has ${known.join(', ')}.`;
  return new DeployError('invalid', `The configuration ${file} has no environment ${name}.`, {
    why: there,
    fix:
      didYouMean(name, known) ||
      (known.length === 0 ? 'Leave --env out, or add it under environments:.' : 'Choose one of them: --env.'),
  });
}
