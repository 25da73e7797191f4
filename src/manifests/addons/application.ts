import { at, type JsonObject } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';

/** What add-ons know of the application that they are for. */
export interface Application {
  readonly namespace: string;
  /** Completed as a deploy does, without those that add-ons make of it. */
  readonly manifests: readonly Manifest[];
  /** The LimitRanges among those that add-ons bring: they complete pods, too. */
  readonly limitRanges: readonly Manifest[];
}

/** The Deployments and StatefulSets of the application's own namespace. */
export function workloadsOf({ manifests, namespace }: Application): readonly Manifest[] {
  return manifests.filter(
    ({ ref }) =>
      ref.namespace === namespace &&
      groupOf(ref.apiVersion) === 'apps' &&
      (ref.kind === 'Deployment' || ref.kind === 'StatefulSet'),
  );
}

/** What `$[workload.name]` and its like stand for. */
export function aboutWorkload({ ref, body }: Manifest): JsonObject {
  return { kind: ref.kind, name: ref.name, selector: at(body, 'spec', 'selector') ?? {} };
}
