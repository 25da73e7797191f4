import { matchesDeclared } from '../manifests/declared.ts';
import { isGiving } from '../manifests/secret-stores.ts';
import { isExternalSecret, writtenSecretOf } from '../manifests/written-secrets.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, type ObjectRef, refKey, refOf } from '../model/object.ts';
import { isOpen } from '../model/open.ts';
import type { RecordedObject } from '../model/release.ts';
import type { Place } from '../releases/place.ts';
import { readNewestIfAllowed } from '../releases/read-records.ts';

/**
 * The manifests as they were deployed, where an input says in which namespace they are, whether they are there at all, or
 * whether an operator makes a Secret: the newest release knows. What it doesn't know can't be looked for, and is left out.
 */
export async function asReleased(
  declared: readonly Manifest[],
  place: Place,
  signal: AbortSignal,
): Promise<readonly Manifest[]> {
  if (!declared.some((one) => isPlacedByInput(one) || isUncertain(one))) return declared;
  const released = (await readNewestIfAllowed(place, signal))?.objects ?? [];
  const findReleased = ({ ref }: Manifest): ObjectRef | undefined => released.find((one) => couldBe(ref, one.ref))?.ref;
  const known = declared.flatMap((manifest) => {
    if (isUncertain(manifest) && findReleased(manifest) === undefined) return [];
    if (!isPlacedByInput(manifest)) return [manifest];
    const namespace = findReleased(manifest)?.namespace;
    if (namespace === undefined) return [];
    const { body } = manifest;
    const placed = { ...body, metadata: { ...body.metadata, namespace } };
    return [{ ...manifest, ref: refOf(placed), body: placed }];
  });
  return [...known, ...writersOf(known, released)];
}

function isPlacedByInput({ ref }: Manifest): boolean {
  return isOpen(ref.namespace);
}

/** A store that no Secret needs isn't deployed, either. */
function isUncertain(manifest: Manifest): boolean {
  return manifest.isTentative === true || (manifest.addon !== undefined && isGiving(manifest));
}

/** The ExternalSecrets that make Secrets of the manifests, where these are made of inputs that a store keeps. */
function writersOf(declared: readonly Manifest[], released: readonly RecordedObject[]): readonly Manifest[] {
  const keys = new Set(declared.map(({ ref }) => refKey(ref)));
  return released
    .filter((one) => isExternalSecret(one) && !keys.has(refKey(one.ref)) && keys.has(refKey(writtenSecretOf(one))))
    .map(({ ref, body, origin }) => ({ ref, body, origin, lineOf: () => undefined }));
}

function couldBe(declared: ObjectRef, released: ObjectRef): boolean {
  return (
    declared.kind === released.kind &&
    groupOf(declared.apiVersion) === groupOf(released.apiVersion) &&
    matchesDeclared(declared.name, released.name) &&
    matchesDeclared(declared.namespace ?? '', released.namespace ?? '')
  );
}
