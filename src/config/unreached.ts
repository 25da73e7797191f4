import type { Path } from '../model/field-path.ts';
import { arrayOf, isObject, type JsonObject, objectOf } from '../model/json.ts';
import { type Layer, placeIn } from './layers.ts';
import { correct, fieldOf, type Mistake } from './mistakes.ts';

/**
 * Defaults beside a source that always has an answer. One that lies below that source is left alone: whoever replaces the
 * sources in an environment need not take away the default of the others.
 */
export function unreachedDefaults(config: JsonObject, layers: readonly Layer[]): readonly Mistake[] {
  return Object.entries(objectOf(config.inputs)).flatMap(([name, input]): readonly Mistake[] => {
    const { default: fallback, sources } = objectOf(input);
    const list = arrayOf(sources).map(objectOf);
    const path: Path = ['inputs', name];
    const heightOf = (field: string): number => {
      const layer = placeIn(layers, [...path, field])?.layer;
      return layers.findIndex((one) => one.name === layer);
    };
    if (fallback === undefined || !isObject(input) || heightOf('default') < heightOf('sources')) return [];
    const value = list.findIndex((source) => 'value' in source);
    const prompt = list.findIndex((source) => 'prompt' in source);
    if (value >= 0) return [unreached([...path, 'default'], 'the source value')];
    // Nobody is asked where there is a default.
    return prompt < 0 ? [] : [unreached([...path, 'sources', prompt], 'the default')];
  });
}

function unreached(path: Path, before: string): Mistake {
  return { path, cause: `${fieldOf(path)} is never reached: ${before} always has an answer.`, fix: correct };
}
