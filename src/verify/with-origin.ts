import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { refKey } from '../model/object.ts';

/** A finding with its place in the files: checks know objects of the cluster, manifests know where these come from. */
export function withOrigin(finding: Finding, manifests: readonly Manifest[]): Finding {
  const { object, origin } = finding;
  const manifest = object && manifests.find(({ ref }) => refKey(ref) === refKey(object));
  return origin !== undefined || manifest === undefined ? finding : { ...finding, origin: manifest.origin };
}
