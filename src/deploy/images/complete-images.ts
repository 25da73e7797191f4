import { type Cluster, isOfAws } from '../../cluster/cluster.ts';
import type { Finding } from '../../model/finding.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Place } from '../../releases/place.ts';
import { architectureFindings } from './architectures.ts';
import type { EcrImages } from './ecr-images.ts';
import { withPullSecret } from './pull-secret.ts';
import { ecrUses, resolveImages } from './resolve-images.ts';

export interface ImageWork {
  readonly cluster: Cluster;
  readonly ecr: EcrImages;
  readonly place: Pick<Place, 'application' | 'namespace'>;
  /** The name of the pull secret that is asked for. */
  readonly pullSecret?: string | undefined;
}

export interface CompletedImages {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
  readonly secretValues: readonly string[];
}

/**
 * What ECR makes of the images of rendered manifests: digests for tags, whether they run on the nodes, and a pull secret
 * where one is asked for. For a sandbox nothing is asked, and digests only for a cluster of AWS.
 */
export async function completeImages(
  manifests: readonly Manifest[],
  { cluster, ecr, place, pullSecret }: ImageWork,
  signal: AbortSignal,
): Promise<CompletedImages> {
  const { identity } = cluster;
  if (identity.isSandbox) return { manifests, findings: [], secretValues: [] };
  const resolved = isOfAws(identity)
    ? await resolveImages(manifests, identity, ecr, signal)
    : { manifests, uses: [], findings: [] };
  const architectures = await architectureFindings(resolved.uses, cluster, ecr, signal);
  const found = [...resolved.findings, ...architectures];
  if (pullSecret === undefined) return { manifests: resolved.manifests, findings: found, secretValues: [] };
  const uses = resolved.manifests.flatMap((manifest) => ecrUses(manifest, identity));
  const pulling = await withPullSecret(pullSecret, resolved.manifests, uses, place, ecr, signal);
  return { ...pulling, findings: [...found, ...pulling.findings] };
}
