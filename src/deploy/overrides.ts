import { podTemplateOf } from '../manifests/pod-template.ts';
import type { Finding } from '../model/finding.ts';
import { arrayOf, at, isObject, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, refKey } from '../model/object.ts';
import type { ImageOverride, Release } from '../model/release.ts';

/** The image of a container in a workload's pod template; undefined where there is no such container. */
function imageIn(workload: KubernetesObject, container: string): string | undefined {
  const template = podTemplateOf(workload);
  return ['containers', 'initContainers']
    .flatMap((list) => arrayOf(at(template, 'spec', list)))
    .filter(isObject)
    .filter(({ name }) => name === container)
    .map(({ image }) => stringOf(image))
    .find((image) => image !== undefined);
}

/** A deploy from the manifests takes back what a single command set: that isn't done in silence. */
export function overrideFindings(latest: Release | undefined, manifests: readonly Manifest[]): readonly Finding[] {
  const wanted = new Map(manifests.map((manifest) => [refKey(manifest.ref), manifest]));
  return (latest?.overrides ?? []).flatMap((override) => {
    const manifest = wanted.get(refKey(override.workload));
    const image = manifest === undefined ? undefined : imageIn(manifest.body, override.container);
    if (manifest === undefined || image === undefined || image === override.image) return [];
    return [takenBack(override, manifest, image, latest?.number ?? 0)];
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
