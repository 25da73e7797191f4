import { podsOf } from '../kinds/index.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import { arrayOf, at, isObject, textOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { RunningImage } from '../model/release.ts';
import type { World } from '../model/world.ts';

/**
 * What the pods of these workloads run: a tag may be moved to another image any time, the digest that the kubelet has
 * pulled stays. (`status.containerStatuses[].imageID`)
 */
export function runningImages(manifests: readonly Manifest[], world: World): readonly RunningImage[] {
  const images = manifests.flatMap(({ ref, body }) => {
    const live = podTemplateOf(body) === undefined ? undefined : world.get(ref);
    return (live === undefined ? [] : podsOf(live, world)).flatMap(imagesOf).map((one) => ({ workload: ref, ...one }));
  });
  return [...new Map(images.map((one) => [JSON.stringify(one), one])).values()];
}

function imagesOf(pod: KubernetesObject): readonly Omit<RunningImage, 'workload'>[] {
  return ['initContainerStatuses', 'containerStatuses']
    .flatMap((list) => arrayOf(at(pod, 'status', list)))
    .filter(isObject)
    .map(({ name, image, imageID }) => ({ container: textOf(name), image: textOf(image), id: textOf(imageID) }))
    .filter(({ id }) => id !== '');
}
