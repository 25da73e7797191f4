import { at } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { matchesSelector } from '../../model/selector.ts';
import { podLabelsOf } from '../pod-template.ts';
import { typesOf } from './simulate.ts';

/** The NetworkPolicies that judge who may ask the pods of a workload: without any everybody may. */
export function ingressPoliciesOf(workload: Manifest, manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.filter(
    ({ ref, body }) =>
      ref.kind === 'NetworkPolicy' &&
      ref.namespace === workload.ref.namespace &&
      typesOf(body).includes('ingress') &&
      matchesSelector(at(body, 'spec', 'podSelector'), podLabelsOf(workload.body)),
  );
}
