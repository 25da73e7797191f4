import { stepOf } from '../model/field-path.ts';
import { isObject, type Json, type JsonObject, objectOf } from '../model/json.ts';
import { formatOrigin, isSameName } from '../model/object.ts';
import type { Place } from './layers.ts';
import { type Config, configSchema } from './schema.ts';

/** Who says a setting, from the one that counts most. */
export type SettingSource = 'flag' | 'env' | 'environment' | 'file' | 'built-in' | 'default';

/** One value of a configuration, and who says it. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: Json;
  readonly source: SettingSource;
  /** `--namespace`, `OMS_DEPLOY_NAMESPACE`, `oms-deploy.yaml:12:3`, the environment's name. */
  readonly detail: string;
}

/** What flags and variables say; each is for a field, or for one below `inputs`. */
export type GivenSetting = Setting & { readonly source: 'flag' | 'env' };

/**
 * All settings of a run with their sources: flag > variable > environment > file > default. Defaults that say nothing are
 * left out; values of secret inputs that somebody has written down are hidden.
 */
export function settingsOf(config: Config, given: readonly GivenSetting[]): readonly Setting[] {
  const isGiven = ({ path }: Setting): boolean =>
    given.some((one) => one.path.every((step, index) => path[index] === step));
  const { overrides: _, ...rest } = config;
  const values = objectOf(rest);
  const placed = ([path, value]: Leaf): Setting =>
    withSource(path, isSecretValue(path, config) ? '****' : value, config.placeOf(path.map(stepOf)), config);
  return Object.keys(configSchema.shape).flatMap((field) => {
    const said = field === 'overrides' ? overrideSettings(config) : leavesOf(values[field], [field]).map(placed);
    const written = said.filter((one) => !isGiven(one) && !(one.source === 'default' && isEmpty(one.value)));
    return [...written, ...given.filter(({ path }) => path[0] === field)];
  });
}

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** Each part of the configuration that overrides an object is one; of several, a list in the order of application. */
function overrideSettings(config: Config): readonly Setting[] {
  const { overrides } = config;
  return overrides.flatMap((one) => {
    const same = overrides.filter(({ object }) => isSameName(object, one.object));
    const [first = one] = same;
    const head = ['overrides', first.object, ...(same.length > 1 ? [String(same.indexOf(one))] : [])];
    return leavesOf(one.patch, []).map(([path, value]) =>
      withSource([...head, ...path], value, one.placeOf(path.map(stepOf)), config),
    );
  });
}

function withSource(path: readonly string[], value: Json, place: Place | undefined, { environment }: Config): Setting {
  if (place?.isExact !== true) return { path, value, source: 'default', detail: '' };
  const at = formatOrigin(place.origin);
  const detail = place.layer === 'environment' ? `${environment ?? ''}, ${at}` : at;
  return { path, value, source: place.layer, detail };
}

/** A password may stand in a file for a sandbox; on a screen it never does. */
function isSecretValue([first, name = '', ...rest]: readonly string[], { inputs }: Config): boolean {
  return first === 'inputs' && inputs[name]?.secret === true && (rest[0] === 'default' || rest.at(-1) === 'value');
}

/** A value, and its path. */
type Leaf = readonly [readonly string[], Json];

/** The values below a field: lists of plain values and empty mappings are one. */
function leavesOf(value: Json | undefined, path: readonly string[]): readonly Leaf[] {
  if (value === undefined) return [];
  if (isObject(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...path, key]));
  if (Array.isArray(value) && value.some(isObject))
    return (value as readonly Json[]).flatMap((item, index) => leavesOf(item, [...path, String(index)]));
  return [[path, value]];
}

/** The settings as one value again, for who wants to read or keep them. */
export function settingsValue(settings: readonly Setting[]): JsonObject {
  return settings.reduce<JsonObject>((whole, { path, value }) => objectOf(withLeaf(whole, path, value)), {});
}

function withLeaf(whole: Json | undefined, [step, ...rest]: readonly string[], value: Json): Json {
  if (step === undefined) return value;
  if (/^\d+$/.test(step)) {
    const list = Array.isArray(whole) ? [...(whole as readonly Json[])] : [];
    list[Number(step)] = withLeaf(list[Number(step)], rest, value);
    return list;
  }
  const object = isObject(whole) ? whole : {};
  return { ...object, [step]: withLeaf(object[step], rest, value) };
}
