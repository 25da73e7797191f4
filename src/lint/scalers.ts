import { at, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { isOpen } from '../model/open.ts';
import { findManifest, type LintFacts, manifestsOf } from './facts.ts';

/** An HPA, and the workload that it scales where the manifests have it. */
export interface Scaler {
  readonly manifest: Manifest;
  readonly target: Manifest | undefined;
  /** `Deployment web`. */
  readonly targetName: string;
  readonly isOpen: boolean;
}

/** The HPAs of the manifests. */
export function scalersOf(facts: LintFacts): readonly Scaler[] {
  return manifestsOf(facts, 'autoscaling', 'HorizontalPodAutoscaler').map((manifest) => {
    const ref = objectOf(at(manifest.body, 'spec', 'scaleTargetRef'));
    const [kind, name] = [stringOf(ref.kind) ?? '', stringOf(ref.name) ?? ''];
    const { namespace = '' } = manifest.ref;
    const apiVersion = stringOf(ref.apiVersion) ?? 'apps/v1';
    return {
      manifest,
      target: findManifest(facts, { apiVersion, kind, namespace, name }),
      targetName: `${kind} ${name}`,
      isOpen: isOpen(name) || isOpen(kind),
    };
  });
}
