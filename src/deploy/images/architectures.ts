import type { Platform } from '../../aws/ecr.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { formatImageName } from '../../model/image.ts';
import { originOf } from '../../model/manifest.ts';
import { formatRef } from '../../model/object.ts';
import type { EcrImages } from './ecr-images.ts';
import { type NodeFacts, placementOf, readNodes } from './nodes.ts';
import type { ResolvedUse } from './resolve-images.ts';

/**
 * Whether images are built for the processors of the nodes they may come to: one for another starts, says `exec format
 * error`, and ends. What can't be asked is said, and stops nothing.
 */
export async function architectureFindings(
  uses: readonly ResolvedUse[],
  cluster: Pick<Cluster, 'list'>,
  ecr: EcrImages,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  if (uses.length === 0) return [];
  const [reading, platforms] = await Promise.all([
    readNodes(cluster, signal),
    Promise.all(uses.map(({ image, digest }) => ecr.platforms(image, digest, signal))),
  ]);
  const unread = platforms.flatMap((one) => (one.ok ? [] : [one.finding]));
  const [denied] = unread;
  if ('why' in reading)
    return [unchecked(reading.why, 'Let this identity list nodes, to know it before pods start.', [])];
  const found = uses.flatMap((use, index) => {
    const platform = platforms[index];
    return platform?.ok === true ? mismatch(use, platform.value, reading.nodes) : [];
  });
  return [
    ...oncePerImage(found),
    ...(denied === undefined ? [] : [unchecked(`ECR did not say what they are built for`, denied.fix, [denied.cause])]),
  ];
}

function unchecked(why: string, fix: string, evidence: readonly string[]): Finding {
  const cause = `Whether the images run on the processors of the nodes was not checked: ${why}.`;
  return { id: 'images/architecture-unknown', severity: 'info', cause, evidence, fix };
}

interface Mismatch {
  readonly use: ResolvedUse;
  readonly finding: Finding;
}

function mismatch(use: ResolvedUse, platforms: readonly Platform[], nodes: readonly NodeFacts[]): readonly Mismatch[] {
  const { manifest, placed, image } = use;
  const { architectures, isChosen } = placementOf(manifest.body, nodes);
  const built = [...new Set(platforms.map(({ architecture }) => architecture))].sort();
  const missing = architectures.filter((one) => !built.includes(one));
  if (built.length === 0 || missing.length === 0) return [];
  const where = { object: manifest.ref, origin: originOf(manifest, placed.path) };
  const platform = `docker buildx build --platform ${architectures.map((one) => `linux/${one}`).join(',')}`;
  const what = `The image ${formatImageName(image.name)} is built for ${built.join(' and ')}`;
  if (missing.length === architectures.length) {
    const who = isChosen ? 'its pods are to run on' : 'the nodes are';
    const cause = `${what}, and ${who} ${architectures.join(' and ')}: it can't run.`;
    return [{ use, finding: errorFinding('images/architecture', cause, `Build it for them: ${platform}.`, where) }];
  }
  const cause = `${what}, and there are nodes of ${missing.join(' and ')}, too: pods that come to one of those can't run.`;
  const some = built.find((one) => architectures.includes(one)) ?? '';
  const fix = `Build it for all of them (${platform}), or add nodeSelector: {kubernetes.io/arch: ${some}} to the pod template.`;
  return [{ use, finding: { id: 'images/architecture', severity: 'warning', ...where, cause, evidence: [], fix } }];
}

/** Several workloads with one image have one problem. */
function oncePerImage(found: readonly Mismatch[]): readonly Finding[] {
  const first = new Map<string, Finding>();
  for (const { use, finding } of found) {
    const known = first.get(finding.cause);
    const hits = known === undefined ? [] : [...(known.hits ?? []), formatRef(use.manifest.ref)];
    first.set(finding.cause, known === undefined ? finding : { ...known, hits });
  }
  return [...first.values()];
}
