import { DeployError } from '../../errors.ts';
import { didYouMean } from '../../model/suggest.ts';
import { explainInputs, inputIn, type KnownInputs } from './explain-inputs.ts';
import { leavesOf, meantFields } from './fields.ts';
import type { ReadManifest } from './read-manifests.ts';

/** A field that is to be explained. */
export interface Place {
  readonly manifest: ReadManifest;
  readonly path: string;
}

/**
 * The fields of an object that are meant: those of a name, else all that inputs fill.
 *
 * @throws DeployError `usage` where it has none of this name.
 */
export function placesIn(manifest: ReadManifest, field: string | undefined): readonly Place[] {
  const filled = [...manifest.filled.keys(), ...manifest.unfilled.keys()];
  const { body, ref } = manifest;
  const all = [...new Set([...leavesOf(body).map(({ path }) => path), ...filled])];
  const paths = field === undefined ? filled : meantFields(all, field);
  if (paths.length > 0 || field === undefined) return paths.map((path) => ({ manifest, path }));
  const ends = all.map((path) => /[^.[\]]+(?=\]?(?:\.value)?$)/.exec(path)?.[0] ?? path);
  throw new DeployError('usage', `${ref.kind}/${ref.name} has no field ${field}.`, {
    fix:
      didYouMean(field, ends) ||
      `See what it has: oms-deploy render. Without a field, all that inputs fill is explained.`,
  });
}

/**
 * The fields that an input fills, itself or as a part of a composed one; those of a name, where one is given.
 *
 * @throws DeployError `usage` where it fills none of this name.
 */
export function placesOf(
  input: string,
  manifests: readonly ReadManifest[],
  known: KnownInputs,
  field: string | undefined,
): readonly Place[] {
  const places = manifests.flatMap((manifest) =>
    [...manifest.filled, ...manifest.unfilled]
      .filter(([, filling]) => inputIn(explainInputs(filling, known), input) !== undefined)
      .map(([path]) => ({ manifest, path })),
  );
  if (field === undefined || places.length === 0) return places;
  const paths = new Set(meantFields([...new Set(places.map(({ path }) => path))], field));
  const meant = places.filter(({ path }) => paths.has(path));
  if (meant.length > 0) return meant;
  throw new DeployError('usage', `The input ${input} fills no field ${field}.`, {
    fix: `Without a field, all that it fills is explained: oms-deploy explain ${input}`,
  });
}
