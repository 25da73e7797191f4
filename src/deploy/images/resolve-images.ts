import type { ClusterIdentity } from '../../cluster/cluster.ts';
import { type PlacedImage, placedImages, withImages } from '../../manifests/containers.ts';
import type { Finding } from '../../model/finding.ts';
import { formatImageName, parseImageName } from '../../model/image.ts';
import { imageTagsOf, withImageTags } from '../../model/image-tags.ts';
import { type Manifest, originOf } from '../../model/manifest.ts';
import { formatRef } from '../../model/object.ts';
import { isForeign } from '../../target/registries.ts';
import { type EcrImage, type EcrImages, ecrImageOf } from './ecr-images.ts';
import { explainFailure } from './not-found.ts';

/** An image in ECR, and a container that runs it. */
export interface EcrUse {
  readonly manifest: Manifest;
  readonly placed: PlacedImage;
  readonly image: EcrImage;
}

/** One whose digest is known. */
export interface ResolvedUse extends EcrUse {
  readonly digest: string;
}

export interface ResolvedImages {
  readonly manifests: readonly Manifest[];
  readonly uses: readonly ResolvedUse[];
  readonly findings: readonly Finding[];
}

/**
 * Manifests with the digests of their images in ECR, each of which must be there. Images from elsewhere stay as they are,
 * and so do those of registries that the target doesn't allow: they are refused for that.
 */
export async function resolveImages(
  manifests: readonly Manifest[],
  identity: ClusterIdentity,
  ecr: EcrImages,
  signal: AbortSignal,
): Promise<ResolvedImages> {
  const uses = manifests.flatMap((manifest) => ecrUses(manifest, identity));
  const distinct = new Map(uses.map(({ image }) => [formatImageName(image.name), image]));
  const answers = new Map(
    await Promise.all(
      [...distinct].map(async ([name, image]) => [name, await look(image, identity, ecr, signal)] as const),
    ),
  );
  const answered = uses.map((use) => ({ use, answer: answers.get(formatImageName(use.image.name)) }));
  const resolved = answered.flatMap(({ use, answer }) =>
    answer === undefined || !('digest' in answer) ? [] : [{ ...use, digest: answer.digest }],
  );
  const failed = answered.flatMap(({ use, answer }) =>
    answer === undefined || !('finding' in answer) ? [] : [{ use, finding: answer.finding }],
  );
  return {
    manifests: manifests.map((manifest) => withDigests(manifest, resolved)),
    uses: resolved,
    findings: placed(failed),
  };
}

/** The containers of a manifest whose images are in ECR registries that the target allows. */
export function ecrUses(manifest: Manifest, identity: ClusterIdentity): readonly EcrUse[] {
  return placedImages(manifest.body).flatMap((one) => {
    const image = ecrImageOf(one.image);
    return image === undefined || isForeign(image.repository.registry, identity)
      ? []
      : [{ manifest, placed: one, image }];
  });
}

async function look(
  image: EcrImage,
  { account }: ClusterIdentity,
  ecr: EcrImages,
  signal: AbortSignal,
): Promise<{ readonly digest: string } | { readonly finding: Finding }> {
  const reading = await ecr.digest(image, signal);
  if (reading.ok && reading.value !== undefined) return { digest: reading.value };
  if (!reading.ok) return { finding: await explainFailure(image, reading, account, ecr, signal) };
  const { name } = image;
  const cause = `ECR gives no digest for ${formatImageName(name)}.`;
  return { finding: { id: 'images/not-found', severity: 'error', cause, evidence: [], fix: 'Push the image again.' } };
}

/** By digest, and with the tags by which they were asked for. */
function withDigests(manifest: Manifest, resolved: readonly ResolvedUse[]): Manifest {
  const own = new Map(resolved.filter((use) => use.manifest === manifest).map((use) => [use.placed.container, use]));
  const known = imageTagsOf(manifest.body);
  const tags = new Map<string, string>();
  const body = withImages(manifest.body, (container, image) => {
    const use = own.get(container);
    // A digest from a record has its tag in the annotation.
    const recorded = parseImageName(image).digest === undefined ? undefined : known.get(container);
    const tag = use?.image.name.tag ?? recorded;
    if (tag !== undefined) tags.set(container, tag);
    return use === undefined ? image : formatImageName({ repository: use.image.name.repository, digest: use.digest });
  });
  return { ...manifest, body: withImageTags(body, tags) };
}

interface Failed {
  readonly use: EcrUse;
  readonly finding: Finding;
}

/** Where each problem is, told once: what one image or one missing right lacks, all of its containers lack. */
function placed(failed: readonly Failed[]): readonly Finding[] {
  const groups = new Map<string, Failed[]>();
  for (const one of failed) {
    const { id } = one.finding;
    const key = id.startsWith('aws/') ? id : `${id} ${formatImageName(one.use.image.name)}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { manifest, placed: place } = first.use;
    const where = { object: manifest.ref, origin: originOf(manifest, place.path) };
    const more = others.map(({ use }) => `${formatRef(use.manifest.ref)}: ${formatImageName(use.image.name)}`);
    const hits = [...new Set(more)];
    const isError = [first, ...others].some(({ finding }) => finding.severity === 'error');
    const severity = isError ? 'error' : first.finding.severity;
    return [{ ...first.finding, severity, ...where, ...(hits.length === 0 ? {} : { hits }) }];
  });
}
