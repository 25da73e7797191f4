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
export function workloadsOf(application: Application): readonly Manifest[] {
  return appsOf(application, ['Deployment', 'StatefulSet']);
}

/** Those whose pods run for as long as they are there: DaemonSets, too. */
export function runningWorkloads(application: Application): readonly Manifest[] {
  return appsOf(application, ['Deployment', 'StatefulSet', 'DaemonSet']);
}

function appsOf({ manifests, namespace }: Application, kinds: readonly string[]): readonly Manifest[] {
  return manifests.filter(
    ({ ref }) => ref.namespace === namespace && groupOf(ref.apiVersion) === 'apps' && kinds.includes(ref.kind),
  );
}

/** What `$[workload.name]` and its like stand for. */
export function aboutWorkload({ ref, body }: Manifest): JsonObject {
  return { kind: ref.kind, name: ref.name, selector: at(body, 'spec', 'selector') ?? {} };
}
