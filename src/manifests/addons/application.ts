import { at, type JsonObject } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';
import { podLabelsOf } from '../pod-template.ts';

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

/** The DaemonSets of its own namespace. */
export function daemonSetsOf(application: Application): readonly Manifest[] {
  return appsOf(application, ['DaemonSet']);
}

function appsOf({ manifests, namespace }: Application, kinds: readonly string[]): readonly Manifest[] {
  return manifests.filter(
    ({ ref }) => ref.namespace === namespace && groupOf(ref.apiVersion) === 'apps' && kinds.includes(ref.kind),
  );
}

/** All that makes pods which can be chosen by their labels: Jobs and CronJobs, too. */
export function podMakers({ manifests, namespace }: Application): readonly Manifest[] {
  return manifests.filter(
    ({ ref, body }) => ref.namespace === namespace && Object.keys(podLabelsOf(body)).length > 0 && ref.kind !== 'Pod',
  );
}

/** What `$[workload.name]` and its like stand for. A Job doesn't say how it chooses its pods: by their labels, then. */
export function aboutWorkload({ ref, body }: Manifest): JsonObject {
  const selector = at(body, 'spec', 'selector') ?? { matchLabels: podLabelsOf(body) };
  return { kind: ref.kind, name: ref.name, selector };
}
