import { errorFinding, type Finding } from '../model/finding.ts';
import { isObject } from '../model/json.ts';
import type { Origin } from '../model/object.ts';
import { composeMistakes } from './compose-mistakes.ts';
import { type Layer, mergeLayers, placeIn, prefixIn } from './layers.ts';
import { correct, fieldOf, type Mistake, mistakesIn } from './mistakes.ts';
import { overrideMistakes } from './overrides.ts';
import { configSchema, fileSchema, type Settings } from './schema.ts';
import { unreachedDefaults } from './unreached.ts';
import { inWords } from './words.ts';

/** Settings, or all that is wrong with them. */
interface Checked {
  readonly settings?: Settings;
  readonly findings: readonly Finding[];
}

/** What layers say together, each mistake at its place. */
export function checkSettings(layers: readonly Layer[]): Checked {
  const value = mergeLayers(layers);
  const parsed = configSchema.safeParse(value, { error: inWords });
  const issues = parsed.success ? [] : parsed.error.issues;
  const shown = (path: readonly PropertyKey[]): string => fieldOf([...prefixIn(layers, stepsOf(path)), ...path]);
  const mistakes = [
    ...mistakesIn(issues, { value, schema: fileSchema, shown }),
    ...composeMistakes(value),
    ...unreachedDefaults(value, layers),
  ];
  const findings = [
    ...mistakes.map((one) => findingOf(one, layers)),
    ...layers.flatMap((layer) => overrideMistakes(layer).map((one) => findingOf(one, [layer]))),
  ];
  return { ...(parsed.success && findings.length === 0 ? { settings: parsed.data } : {}), findings };
}

/** Environments that are none. */
export function notMappings(environments: unknown, layers: readonly Layer[]): readonly Finding[] {
  const isWrong = !isObject(environments);
  const wrong = isWrong ? [] : Object.keys(environments).filter((name) => !isObject(environments[name]));
  const paths = isWrong ? [['environments']] : wrong.map((name) => ['environments', name]);
  return paths.map((path) => findingOf({ path, cause: `${fieldOf(path)} must be a mapping.`, fix: correct }, layers));
}

function findingOf({ id = 'config/invalid', path, cause, fix }: Mistake, layers: readonly Layer[]): Finding {
  const place = placeIn(layers, stepsOf(path));
  const where: { readonly origin?: Origin } = place === undefined ? {} : { origin: place.origin };
  return errorFinding(id, cause, fix, where);
}

function stepsOf(path: readonly PropertyKey[]): readonly (string | number)[] {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}
