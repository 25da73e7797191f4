import type { Path } from '../model/field-path.ts';
import { isObject, type JsonObject, objectOf } from '../model/json.ts';
import { type Layer, type LayerName, type Place, placeIn } from './layers.ts';

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

/** Whether two names, as overrides have them, are the same text: the case of letters is no difference. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
