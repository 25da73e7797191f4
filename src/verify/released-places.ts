import { DeployError } from '../errors.ts';
import { matchesDeclared } from '../manifests/declared.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, type ObjectRef, refOf } from '../model/object.ts';
import { isOpen } from '../model/open.ts';
import type { Place } from '../releases/place.ts';
import { listReleases, readRelease } from '../releases/read-records.ts';

/**
 * The manifests with the namespaces that they were deployed to, where an input says them: the newest release knows. What it
 * doesn't know can't be looked for, and is left out.
 */
export async function inReleasedPlaces(
  declared: readonly Manifest[],
  place: Place,
  signal: AbortSignal,
): Promise<readonly Manifest[]> {
  if (!declared.some(isPlacedByInput)) return declared;
  const released = await readRefs(place, signal);
  return declared.flatMap((manifest) => {
    if (!isPlacedByInput(manifest)) return [manifest];
    const namespace = released.find((ref) => couldBe(manifest.ref, ref))?.namespace;
    if (namespace === undefined) return [];
    const { body } = manifest;
    const placed = { ...body, metadata: { ...body.metadata, namespace } };
    return [{ ...manifest, ref: refOf(placed), body: placed }];
  });
}

function isPlacedByInput({ ref }: Manifest): boolean {
  return isOpen(ref.namespace);
}

function couldBe(declared: ObjectRef, released: ObjectRef): boolean {
  return (
    declared.kind === released.kind &&
    groupOf(declared.apiVersion) === groupOf(released.apiVersion) &&
    matchesDeclared(declared.name, released.name) &&
    matchesDeclared(declared.namespace ?? '', released.namespace ?? '')
  );
}

async function readRefs(place: Place, signal: AbortSignal): Promise<readonly ObjectRef[]> {
  try {
    const [newest] = await listReleases(place, signal);
    const release = newest === undefined ? undefined : await readRelease(place, newest.number, signal);
    return release?.objects.map(({ ref }) => ref) ?? [];
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return [];
    throw error;
  }
}
