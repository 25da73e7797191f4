import { waveOf } from '../kinds/index.ts';
import { definitionOf, definitionsIn } from '../manifests/definitions.ts';
import { podTemplateOf, requiredReferences } from '../manifests/pod-template.ts';
import { pullSecretsIn } from '../manifests/pull-secrets.ts';
import { gateNeeds } from '../manifests/readiness-gates.ts';
import { writersIn } from '../manifests/written-secrets.ts';
import type { JsonObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { refKey } from '../model/object.ts';

/** For each object those of the manifests without which it can't be applied, or its pods can't start. */
export type Prerequisites = (manifest: Manifest) => readonly Manifest[];

/**
 * What a wave waits for, and no more: the definition of a kind, the namespace of an object, the ExternalSecret that writes
 * the Secret of a workload, the load balancer whose health checks its pods wait for.
 */
export function prerequisitesIn(manifests: readonly Manifest[]): Prerequisites {
  const definitions = definitionsIn(manifests);
  const namespaces = new Map(
    manifests
      .filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'Namespace')
      .map((one) => [one.ref.name, one]),
  );
  const writers = writersIn(manifests);
  const pullSecretsOf = pullSecretsIn(manifests);
  const gates = gateNeeds(manifests);
  return (manifest) => {
    const { ref, body } = manifest;
    const template = podTemplateOf(body);
    const reads = template === undefined ? [] : [...secretsRead(template), ...pullSecretsOf(manifest)];
    return [
      definitionOf(definitions, ref)?.manifest,
      namespaces.get(ref.namespace ?? ''),
      ...reads.map((name) => writers.get(refKey({ ...ref, apiVersion: 'v1', kind: 'Secret', name }))),
      ...gates(manifest),
    ].filter((one) => one !== undefined);
  };
}

function secretsRead(template: JsonObject): readonly string[] {
  return requiredReferences(template).flatMap(({ kind, name }) => (kind === 'Secret' ? [name] : []));
}

/** The wave of an object, which is never before that of what it needs. */
export function waveAfter(manifest: Manifest, prerequisites: Prerequisites): number {
  return Math.max(waveOf(manifest.body), ...prerequisites(manifest).map((one) => waveAfter(one, prerequisites)));
}

/** The objects of one wave in steps: what one of them needs of the others comes in an earlier step. */
export function stepsOf<T extends { readonly manifest: Manifest }>(
  changes: readonly T[],
  prerequisites: Prerequisites,
): readonly (readonly T[])[] {
  const among = new Set(changes.map(({ manifest }) => manifest));
  const later = changes.filter(({ manifest }) => prerequisites(manifest).some((one) => among.has(one)));
  const first = changes.filter((change) => !later.includes(change));
  if (later.length === 0 || first.length === 0) return changes.length === 0 ? [] : [changes];
  return [first, ...stepsOf(later, prerequisites)];
}

/** Whether others wait until it is ready, and not only until it is applied: a Service is when its pods are, which come later. */
export function isAwaited({ ref }: Manifest): boolean {
  return ref.apiVersion !== 'v1' || ref.kind !== 'Service';
}
