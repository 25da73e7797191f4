import { managedByLabel, partOfLabel } from '../manifests/stamp.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refOf } from '../model/object.ts';
import type { Target } from '../model/plan.ts';

/** Adds the namespace to the manifests where it doesn't exist and none of them makes it. */
export function withNamespace(
  manifests: readonly Manifest[],
  target: Pick<Target, 'application' | 'namespace' | 'namespaceState'>,
): readonly Manifest[] {
  const { application, namespace, namespaceState } = target;
  const isThere = manifests.some(({ ref }) => ref.kind === 'Namespace' && ref.name === namespace);
  if (isThere || namespaceState !== 'missing') return manifests;
  const labels = { [partOfLabel]: application, [managedByLabel]: 'oms-deploy' };
  const body: KubernetesObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
  return [
    { ref: refOf(body), body, origin: { file: '(namespace of the deploy)', line: 1 }, lineOf: () => undefined },
    ...manifests,
  ];
}
