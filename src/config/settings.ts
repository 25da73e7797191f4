import { isObject, type Json, type JsonObject, objectOf } from '../model/json.ts';
import { formatOrigin } from '../model/object.ts';
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
  const values = objectOf(config);
  return Object.keys(configSchema.shape).flatMap((field) => {
    const written = leavesOf(values[field], [field])
      .map(([path, value]) => withSource(path, value, config))
      .filter((one) => !isGiven(one) && !(one.source === 'default' && isEmpty(one.value)));
    return [...written, ...given.filter(({ path }) => path[0] === field)];
  });
}

function isEmpty(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function withSource(path: readonly string[], value: Json, config: Config): Setting {
  const shown = isSecretValue(path, config) ? '****' : value;
  const place = config.placeOf(path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)));
  if (place?.isExact !== true) return { path, value: shown, source: 'default', detail: '' };
  const at = formatOrigin(place.origin);
  const detail = place.layer === 'environment' ? `${config.environment ?? ''}, ${at}` : at;
  return { path, value: shown, source: place.layer, detail };
}

/** A password may stand in a file for a sandbox; on a screen it never does. */
function isSecretValue([first, name = '', ...rest]: readonly string[], { inputs }: Config): boolean {
  return first === 'inputs' && inputs[name]?.secret === true && (rest[0] === 'default' || rest.at(-1) === 'value');
}

/** The values below a field: lists of plain values and empty mappings are one. */
function leavesOf(value: Json | undefined, path: readonly string[]): readonly (readonly [readonly string[], Json])[] {
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
