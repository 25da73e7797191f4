import type { Inputs } from '../../model/input.ts';
import { at, numberOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';
import { scaleTargetOf, workloadKey } from '../stamp.ts';

/** What add-ons know of the application that they are for. */
export interface Application {
  readonly name: string;
  readonly namespace: string;
  /** Completed as a deploy does, without those that add-ons make of it. */
  readonly manifests: readonly Manifest[];
  /** The LimitRanges among those that add-ons bring: they complete pods, too. */
  readonly limitRanges: readonly Manifest[];
  readonly inputs: Inputs;
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

/** How many pods a workload has at least: its HPA's minimum, else its replicas. */
export function leastPods({ body }: Manifest, { manifests }: Application): number {
  const scaler = manifests.find((one) => scaleTargetOf(one.body) === workloadKey(body))?.body;
  return numberOf(scaler === undefined ? at(body, 'spec', 'replicas') : at(scaler, 'spec', 'minReplicas'), 1);
}
