import type { Finding } from '../model/finding.ts';
import { type Manifest, manifestFor } from '../model/manifest.ts';

/** A finding with its place in the files: checks know objects of the cluster, manifests know where these come from. */
export function withOrigin(finding: Finding, manifests: readonly Manifest[]): Finding {
  const { object, origin } = finding;
  const manifest = object && manifestFor(manifests, object);
  return origin !== undefined || manifest === undefined ? finding : { ...finding, origin: manifest.origin };
}
