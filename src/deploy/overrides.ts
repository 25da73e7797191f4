import { templateContainers } from '../manifests/containers.ts';
import type { Finding } from '../model/finding.ts';
import { askedImage, imageTagsOf } from '../model/image-tags.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import type { ImageOverride, Release } from '../model/release.ts';

/** The image of a container in a workload's pod template; undefined where there is no such container. */
function imageIn(workload: KubernetesObject, container: string): string | undefined {
  return templateContainers(workload).find(({ name }) => name === container)?.image;
}

/** What one command has set in a workload, on top of what was set before: the containers whose image differs. */
export function withOverrides(
  overrides: readonly ImageOverride[],
  workload: ObjectRef,
  before: KubernetesObject,
  after: KubernetesObject,
): readonly ImageOverride[] {
  const changed = templateContainers(after).filter(({ name, image }) => imageIn(before, name) !== image);
  const isReplaced = (one: ImageOverride): boolean =>
    refKey(one.workload) === refKey(workload) && changed.some(({ name }) => name === one.container);
  return [
    ...overrides.filter((one) => !isReplaced(one)),
    ...changed.map(({ name, image }) => ({ workload, container: name, image })),
  ];
}

/** A deploy from the manifests takes back what a single command set: that isn't done in silence. */
export function overrideFindings(latest: Release | undefined, manifests: readonly Manifest[]): readonly Finding[] {
  const wanted = new Map(manifests.map((manifest) => [refKey(manifest.ref), manifest]));
  return (latest?.overrides ?? []).flatMap((override) => {
    const manifest = wanted.get(refKey(override.workload));
    const image = manifest === undefined ? undefined : imageIn(manifest.body, override.container);
    if (manifest === undefined || image === undefined || image === override.image) return [];
    const recorded = latest?.objects.find(({ ref }) => refKey(ref) === refKey(override.workload));
    const tag = recorded === undefined ? undefined : imageTagsOf(recorded.body).get(override.container);
    const shown = { ...override, image: askedImage(override.image, tag) };
    const now = askedImage(image, imageTagsOf(manifest.body).get(override.container));
    return [takenBack(shown, manifest, now, latest?.number ?? 0)];
  });
}

function takenBack(
  { workload, container, image }: ImageOverride,
  manifest: Manifest,
  now: string,
  number: number,
): Finding {
  return {
    id: 'release/image-override',
    severity: 'warning',
    object: workload,
    origin: manifest.origin,
    cause: `${formatRef(workload)}: its container ${container} runs ${image}, which one command set (release ${number}); the manifests say ${now}, and this deploy goes back to that.`,
    evidence: [],
    fix: `To keep it, write ${image} into the manifests or the input that fills it.`,
  };
}
