import { podSpecPath } from '../../manifests/containers.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef, type ObjectRef } from '../../model/object.ts';
import { didYouMean } from '../../model/suggest.ts';
import { findManifest } from '../facts.ts';
import type { PodPlace } from '../pods.ts';
import { type Reference, referencesOf } from '../references.ts';
import type { Rule } from '../rule.ts';
import { scalarsIn } from '../walk.ts';

/** Every namespace has it: the cluster's own CA. */
const ofTheCluster = 'kube-root-ca.crt';

const fix = 'Add its manifest, or see that it is there before the pods: without it they cannot start.';

export const configMissing: Rule = {
  id: 'config/missing',
  severity: 'warning',
  summary: 'pods read a ConfigMap or Secret that the manifests lack (it may be in the cluster already)',
  fix,
  run(facts) {
    if (!facts.isWhole) return [];
    const missing = facts.pods.flatMap(referencesOf).filter((reference) => {
      const { pod, kind, name } = reference;
      const isThere = findManifest(facts, refOfConfig(pod, kind, name)) !== undefined;
      return !isThere && name !== ofTheCluster && !isMadeBy(facts.manifests, reference);
    });
    // One line for an object, however many keys a workload reads.
    const first = new Map(
      missing.toReversed().map((one) => [`${formatRef(one.pod.manifest.ref)} ${one.kind} ${one.name}`, one]),
    );
    return [...first.values()].toReversed().map(({ pod, kind, name, path }) => {
      const lacks = refOfConfig(pod, kind, name);
      const near = facts.manifests.filter(({ ref }) => ref.kind === kind && ref.namespace === lacks.namespace);
      const meant = didYouMean(
        name,
        near.map(({ ref }) => ref.name),
      );
      return {
        manifest: pod.manifest,
        path,
        cause: `reads ${kind} ${name}, which is not among the manifests`,
        fix: meant === '' ? fix : `${meant} ${fix}`,
        lacks,
      };
    });
  },
};

function refOfConfig({ manifest }: PodPlace, kind: Reference['kind'], name: string): ObjectRef {
  return { apiVersion: 'v1', kind, namespace: manifest.ref.namespace ?? '', name };
}

/** An operator makes it: ExternalSecret, SealedSecret, Certificate and the like name it. */
function isMadeBy(manifests: readonly Manifest[], { name }: Reference): boolean {
  return manifests
    .filter(({ body, ref }) => podSpecPath(body) === undefined && !/^(apps|batch)\/|^v1$/.test(ref.apiVersion))
    .some(({ body }) => scalarsIn(body).some(({ value }) => value === name));
}
