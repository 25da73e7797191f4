import type { Manifest } from '../../model/manifest.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { holdsData, pruneAnnotation } from '../deletions.ts';

/** An object with other annotations: undefined takes one away. */
export function annotated(
  body: KubernetesObject,
  changes: Readonly<Record<string, string | undefined>>,
): KubernetesObject {
  const { annotations: own = {}, ...metadata } = body.metadata;
  const annotations = Object.fromEntries(
    Object.entries({ ...own, ...changes }).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  return Object.keys(annotations).length === 0
    ? { ...body, metadata }
    : { ...body, metadata: { ...metadata, annotations } };
}

/** Whether an object stays when it has left the manifests, as it does after `up`: data, and what says so itself. */
export function staysUnpruned({ ref, body }: Manifest): boolean {
  return holdsData(ref) || body.metadata.annotations?.[pruneAnnotation] === 'never';
}
