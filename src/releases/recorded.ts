import { fieldPath } from '../model/field-path.ts';
import type { Manifest } from '../model/manifest.ts';
import { type ObjectRef, refKey } from '../model/object.ts';
import type { RecordedObject, Release } from '../model/release.ts';

/** What a release recorded of one object. */
export function recordedIn({ objects }: Release, wanted: ObjectRef): RecordedObject | undefined {
  return objects.find(({ ref }) => refKey(ref) === refKey(wanted));
}

/** An object of a record as a manifest again. Its origin names the release; its secret fields are known by their paths. */
export function manifestOf({ ref, body, origin, secretPaths }: RecordedObject, number: number): Manifest {
  const secret = secretPaths.map((path) => fieldPath(body, path));
  return {
    ref,
    body,
    origin: { file: `release ${number}: ${origin.file.replace(/^release \d+: /, '')}`, line: origin.line },
    lineOf: () => undefined,
    // Of a list or a map that comes or goes as a whole, a secret may be a part.
    isSecret: (path) => secret.some((one) => one === path || one.startsWith(`${path}.`) || one.startsWith(`${path}[`)),
  };
}
