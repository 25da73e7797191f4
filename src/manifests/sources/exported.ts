import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { type JsonObject, objectOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatOrigin, formatRef, isKubernetesObject, type KubernetesObject } from '../../model/object.ts';

/**
 * Metadata that the server writes. It refuses an apply with managedFields, with another object's uid, and with a
 * resourceVersion that isn't the newest.
 */
const serversMetadata: readonly string[] = [
  'managedFields',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** Annotations in which others keep their own state of this one object. */
const othersAnnotations: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
];

/** An object as it was exported (`kubectl get -o yaml`), without what is the server's to write. */
export function withoutServersFields(object: KubernetesObject): {
  readonly body: KubernetesObject;
  readonly isExported: boolean;
} {
  const { metadata } = object;
  const annotations = objectOf(metadata.annotations);
  const isServers = [
    ...serversMetadata.filter((key) => key in metadata),
    ...othersAnnotations.filter((key) => key in annotations),
  ];
  if (isServers.length === 0) return { body: object, isExported: false };
  const kept = without(annotations, othersAnnotations);
  // Generators write `creationTimestamp: null` and an empty status: these objects were never in a cluster.
  const isExported = ['managedFields', 'uid', 'resourceVersion'].some((key) => key in metadata);
  const body: JsonObject = {
    ...without(object, isExported ? ['status'] : []),
    metadata: {
      ...without(metadata, [...serversMetadata, 'annotations']),
      ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }),
    },
  };
  return { body: isKubernetesObject(body) ? body : object, isExported };
}

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** One finding for all objects that were exported; none where there are none. */
export function exportedFinding(manifests: readonly Manifest[]): readonly Finding[] {
  if (manifests.length === 0) return [];
  const [were, their] = manifests.length === 1 ? ['was', 'its'] : ['were', 'their'];
  return [
    {
      id: 'manifests/exported',
      severity: 'info',
      cause: `${countOf(manifests.length, 'object')} ${were} exported from a cluster: ${their} uid, resourceVersion, managedFields and status are left out.`,
      evidence: manifests.map(({ ref, origin }) => `${formatOrigin(origin)}  ${formatRef(ref)}`),
      fix: 'Remove what the server writes from the files; look for defaults that it filled in, too, such as clusterIP.',
    },
  ];
}
