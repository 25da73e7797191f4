import type { Config } from '../../config/schema.ts';
import { DeployError } from '../../errors.ts';
import { inputOfFileKey } from '../../inputs/names.ts';
import { rulesOf, scan } from '../../manifests/placeholders/scan.ts';
import { inputNamed } from '../../manifests/placeholders/styles.ts';
import { formatRef } from '../../model/object.ts';
import { findManifest, manifestsNamed } from './find-object.ts';
import { namesIn, type ReadManifest } from './read-manifests.ts';

/** What somebody wants to be explained. */
export type Subject =
  | { readonly kind: 'object'; readonly manifest: ReadManifest }
  | { readonly kind: 'input'; readonly name: string };

/**
 * What is meant by a name: an object (`configmap/app-config`), or an input: by its own name, that of its variable, or as a
 * placeholder.
 *
 * @throws DeployError `usage` where it is neither, or both.
 */
export function findSubject(
  text: string,
  manifests: readonly ReadManifest[],
  { inputs, placeholders }: Pick<Config, 'inputs' | 'placeholders'>,
): Subject {
  const used = namesIn(manifests);
  const known = new Set([...Object.keys(inputs), ...used]);
  const asPlaceholder = scan(text, rulesOf(placeholders)).map(({ input }) => input);
  const name = [text, ...asPlaceholder, inputNamed(inputOfFileKey(text))].find((one) => known.has(one));
  const [object] = manifestsNamed(text, manifests);
  if (object !== undefined && name === text && used.has(name)) {
    const { kind } = object.ref;
    throw new DeployError('usage', `${text} is not clear.`, {
      why: `There is ${formatRef(object.ref)}, and an input of this name.`,
      fix: `Name the object with its kind: ${kind}/${text}; the input as a placeholder: '\${${text}}'.`,
    });
  }
  if (object === undefined && name !== undefined) return { kind: 'input', name };
  return { kind: 'object', manifest: findManifest(text, manifests, [...known]) };
}
