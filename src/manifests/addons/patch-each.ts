import { fieldPath, stepOf } from '../../model/field-path.ts';
import { at, type JsonObject } from '../../model/json.ts';
import { type Manifest, originOf } from '../../model/manifest.ts';
import { groupOf, isKubernetesObject } from '../../model/object.ts';
import { afterMerge } from '../overrides.ts';
import { strategicMerge } from '../strategic-merge.ts';
import type { Scope } from './values.ts';

/** On a manifest of an add-on: it is no object of its own, but what each object of those that this names gets. */
export const patchEachAnnotation = 'oms-deploy.io/patch-each';

/** Whether a manifest of an add-on changes objects of the application. */
export function isPatch({ body }: Manifest): boolean {
  return body.metadata.annotations?.[patchEachAnnotation] !== undefined;
}

/** Whether a patch is for an object: each kind has a patch of its own. */
export function isFor({ body }: Manifest, scope: Scope): boolean {
  return Object.values(scope).some((one) => at(one, 'kind') === body.kind);
}

/** The manifests with the patches in them, each in the object of its name. */
export function patchEach(
  manifests: readonly Manifest[],
  patches: readonly Manifest[],
  isOurs: (manifest: Manifest) => boolean,
): readonly Manifest[] {
  if (patches.length === 0) return manifests;
  return manifests.map((manifest) => {
    const { ref } = manifest;
    const own = patches.filter(
      (patch) =>
        patch.ref.kind === ref.kind &&
        patch.ref.name === ref.name &&
        groupOf(patch.ref.apiVersion) === groupOf(ref.apiVersion),
    );
    return isOurs(manifest) ? own.reduce(patched, manifest) : manifest;
  });
}

function patched(manifest: Manifest, patch: Manifest): Manifest {
  const { body, sources, mistakes } = strategicMerge(manifest.body, fieldsOf(patch));
  // A workload of a strange shape is told as such by who judges it.
  if (mistakes.length > 0 || body === undefined || !isKubernetesObject(body)) return manifest;
  return afterMerge(manifest, body, sources, {
    fillings: patch.fillings ?? [],
    originOf: (path) => originOf(patch, fieldPath(patch.body, path.map(stepOf))),
  });
}

/** Without what only says which workload is meant. */
function fieldsOf({ body }: Manifest): JsonObject {
  const { apiVersion: _, kind: __, metadata: ___, ...fields } = body;
  return fields;
}
