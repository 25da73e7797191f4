import { kindOf } from '../kinds/index.ts';
import { arrayOf, at, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, type ObjectRef } from '../model/object.ts';

/** A kind that a CustomResourceDefinition among the manifests defines. */
export interface Definition {
  readonly manifest: Manifest;
  readonly group: string;
  readonly kind: string;
  /** The plural in paths. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** The apiVersions in which it will be served. */
  readonly served: readonly string[];
}

/** The kinds that the manifests define themselves: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/ */
export function definitionsIn(manifests: readonly Manifest[]): readonly Definition[] {
  return manifests.flatMap((manifest) => {
    const { ref, body } = manifest;
    if (ref.kind !== 'CustomResourceDefinition' || groupOf(ref.apiVersion) !== 'apiextensions.k8s.io') return [];
    const group = stringOf(at(body, 'spec', 'group')) ?? '';
    const served = arrayOf(at(body, 'spec', 'versions'))
      .filter((version) => at(version, 'served') === true)
      .map((version) => `${group}/${stringOf(at(version, 'name')) ?? ''}`);
    return [
      {
        manifest,
        group,
        kind: stringOf(at(body, 'spec', 'names', 'kind')) ?? '',
        resource: stringOf(at(body, 'spec', 'names', 'plural')) ?? '',
        namespaced: at(body, 'spec', 'scope') !== 'Cluster',
        served,
      },
    ];
  });
}

/** The definition of a kind, whatever the version. */
export function definitionOf(
  definitions: readonly Definition[],
  ref: Pick<ObjectRef, 'apiVersion' | 'kind'>,
): Definition | undefined {
  return definitions.find(({ group, kind }) => group === groupOf(ref.apiVersion) && kind === ref.kind);
}

/** Whether a kind lives in a namespace, without a cluster to ask: as its definition among the manifests says, or its rule. */
export function namespacedBy(manifests: readonly Manifest[]): (manifest: Pick<Manifest, 'ref'>) => boolean {
  const definitions = definitionsIn(manifests);
  return ({ ref }) => definitionOf(definitions, ref)?.namespaced ?? kindOf(ref)?.namespaced ?? true;
}
