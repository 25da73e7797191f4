import type { Path } from '../model/field-path.ts';
import { isObject, type JsonObject, objectOf, textOf } from '../model/json.ts';
import { isSameName } from '../model/object.ts';
import { type Layer, type LayerName, type Place, placeIn } from './layers.ts';
import { correct, fieldOf, type Mistake } from './mistakes.ts';
import { noPatch } from './schema/objects.ts';

/** What one part of the configuration changes of one object: a strategic merge patch. */
export interface OverrideEntry {
  /** `Service/worker`, as it is written. */
  readonly object: string;
  readonly patch: JsonObject;
  readonly layer: LayerName;
  /** Where a field of the patch stands. */
  readonly placeOf: (path: Path) => Place | undefined;
}

/**
 * The overrides of a configuration in the order in which they are applied. Those of an environment don't replace others of
 * the same object, as merged mappings would: a list of a patch is merged with the object's by its rules. Null takes away
 * what the parts below say of an object.
 */
export function overridesIn(layers: readonly Layer[]): readonly OverrideEntry[] {
  return layers.reduce<readonly OverrideEntry[]>((below, layer) => {
    const written = Object.entries(objectOf(layer.value.overrides));
    const gone = written.filter(([, patch]) => patch === null);
    const kept = below.filter((one) => !gone.some(([object]) => isSameName(object, one.object)));
    const own = written.flatMap(([object, patch]): readonly OverrideEntry[] => {
      const placeOf = (path: Path): Place | undefined => placeIn([layer], ['overrides', object, ...path]);
      return isObject(patch) ? [{ object, patch, layer: layer.name, placeOf }] : [];
    });
    return [...kept, ...own];
  }, []);
}

/**
 * What of a part of the configuration can't be a patch. It is told here, too, that one is no mapping: where another part has
 * the same object, the merged value doesn't show it.
 */
export function overrideMistakes({ value, prefix }: Layer): readonly Mistake[] {
  return Object.entries(objectOf(value.overrides)).flatMap(([object, patch]): readonly Mistake[] => {
    const mistake = (path: readonly string[], reason: string, fix: string): Mistake => {
      const field = ['overrides', object, ...path];
      return { path: field, cause: `${fieldOf([...prefix, ...field])}: ${reason}`, fix };
    };
    if (patch === null) return [];
    if (!isObject(patch)) return [mistake([], noPatch, correct)];
    const [kind = '', ...names] = object.split('/');
    const { name } = objectOf(patch.metadata);
    const another = 'An object of another kind or name is another object: change its manifest.';
    return [
      ...(patch.kind === undefined || isSameName(textOf(patch.kind), kind)
        ? []
        : [mistake(['kind'], "an override can't change the kind of its object.", another)]),
      ...(name === undefined || name === names.at(-1)
        ? []
        : [mistake(['metadata', 'name'], "an override can't change the name of its object.", another)]),
    ];
  });
}
