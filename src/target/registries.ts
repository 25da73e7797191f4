import type { ClusterIdentity } from '../cluster/cluster.ts';
import { placedImages } from '../manifests/containers.ts';
import { type EcrRegistry, ecrRegistryOf } from '../model/ecr.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { type Manifest, originOf } from '../model/manifest.ts';
import { formatRef } from '../model/object.ts';

/**
 * Images from an ECR registry of another account, region or partition than the cluster's: a number that was copied from
 * another stage. Registries that the configuration names under `expect.registries` are meant. Nothing is said where the
 * target has no account, or is a sandbox.
 */
export function registryFindings(manifests: readonly Manifest[], identity: ClusterIdentity): readonly Finding[] {
  const { account, isSandbox } = identity;
  if (isSandbox || account === undefined) return [];
  const wrong = new Map<string, Finding>();
  for (const manifest of manifests) {
    for (const { image, path } of placedImages(manifest.body)) {
      const registry = ecrRegistryOf(image);
      if (registry === undefined || wrong.has(registry.host)) continue;
      const evidence = contradictions(registry, identity);
      if (evidence.length === 0) continue;
      wrong.set(registry.host, otherRegistry(manifest, path, image, registry, evidence));
    }
  }
  return [...wrong.values()];
}

function otherRegistry(
  manifest: Manifest,
  path: string,
  image: string,
  { host }: EcrRegistry,
  evidence: readonly string[],
): Finding {
  const cause = `${formatRef(manifest.ref)} takes the image ${image} from an ECR registry that isn't the target's.`;
  const fix = `Correct the account and region of the image; where it is meant, add ${host} to expect.registries of the configuration.`;
  return errorFinding('target/registry', cause, fix, {
    object: manifest.ref,
    origin: originOf(manifest, path),
    evidence,
  });
}

/** Whether images of a registry may not be deployed to this target: what is in it needs no further questions. */
export function isForeign(registry: EcrRegistry, identity: ClusterIdentity): boolean {
  return contradictions(registry, identity).length > 0;
}

function contradictions(registry: EcrRegistry, target: ClusterIdentity): readonly string[] {
  if (target.registries.includes(registry.host)) return [];
  const pairs = [
    ['account', registry.account, target.account],
    ['region', registry.region, target.region],
    ['partition', registry.partition, target.partition],
  ] as const;
  return pairs.flatMap(([what, image, cluster]) =>
    image === undefined || cluster === undefined || image === cluster
      ? []
      : [`the ${what} of the image is ${image}, that of the target ${cluster}`],
  );
}
