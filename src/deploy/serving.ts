import type { Discovery } from '../cluster/discovery.ts';
import { type Definition, definitionOf } from '../manifests/definitions.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';

/**
 * Whether the cluster knows the kind of an object. `defined`: not yet, or not in this version, but a definition among the
 * manifests comes before it.
 */
export type Serving =
  | { readonly state: 'served' }
  | { readonly state: 'defined'; readonly by: Definition }
  | { readonly state: 'unknown'; readonly finding: Finding };

/** Judges by what the cluster serves now, and what it will serve once the definitions of the manifests are applied. */
export function servingOf(manifest: Manifest, definitions: readonly Definition[], discovery: Discovery): Serving {
  const { ref } = manifest;
  const by = definitionOf(definitions, ref);
  if (by !== undefined && !by.served.includes(ref.apiVersion)) {
    const cause = `Its definition, ${by.manifest.ref.name}, does not serve the kind ${ref.kind} in ${ref.apiVersion}.`;
    return { state: 'unknown', finding: unknownKind(manifest, cause, by.served, 'the definition serves') };
  }
  if (discovery.find(ref) !== undefined) return { state: 'served' };
  if (by !== undefined) return { state: 'defined', by };
  const cause = `The cluster doesn't know the kind ${ref.kind} of ${ref.apiVersion}.`;
  return {
    state: 'unknown',
    finding: unknownKind(manifest, cause, discovery.versionsOf(ref), 'this cluster serves'),
  };
}

function unknownKind({ ref, origin }: Manifest, cause: string, versions: readonly string[], who: string): Finding {
  const fix =
    versions.length > 0
      ? `Write apiVersion: ${versions.join(', or ')}, which ${who}.`
      : 'Check apiVersion and kind for typos, add the definition of this kind to the manifests, or install the operator that defines it.';
  return errorFinding('cluster/unknown-kind', cause, fix, { object: ref, origin });
}
