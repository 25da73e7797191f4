import { allPodsOf, podsOf } from '../kinds/index.ts';
import { isAlive } from '../kinds/pods/index.ts';
import { isTrue } from '../kinds/replicas.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import { type ImageTags, imageTagsOf, taggedImage } from '../model/image-tags.ts';
import { arrayOf, at, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { OlderImage } from '../model/status.ts';
import type { World } from '../model/world.ts';

/** The image of each container of a pod spec, by the container's name; init containers too. */
export function imagesOf(spec: unknown): ReadonlyMap<string, string> {
  const containers = [...arrayOf(at(spec, 'initContainers')), ...arrayOf(at(spec, 'containers'))].map(objectOf);
  return new Map(containers.map(({ name, image }) => [stringOf(name) ?? '', stringOf(image) ?? '']));
}

/** The images of a workload's containers, init containers aside, with the tags by which they were asked for. */
export function shownImages(workload: KubernetesObject): readonly string[] {
  const tags = imageTagsOf(workload);
  const containers = arrayOf(at(podTemplateOf(workload), 'spec', 'containers')).map(objectOf);
  return containers.map(({ name, image }) => taggedImage(stringOf(image) ?? '', tags.get(stringOf(name) ?? '')));
}

/** A Deployment's annotations stand on its ReplicaSets too: on those of before as they were. */
function tagsOfPod(pod: KubernetesObject, world: World): ImageTags {
  const owners = new Set(arrayOf(at(pod, 'metadata', 'ownerReferences')).map((owner) => at(owner, 'uid')));
  const set = world.list('ReplicaSet').find(({ metadata }) => metadata.uid !== undefined && owners.has(metadata.uid));
  return set === undefined ? new Map() : imageTagsOf(set);
}

/** What pods of older revisions still serve, where that is another image than the workload's template has. */
export function olderImages(live: KubernetesObject, world: World): readonly OlderImage[] {
  if (live.kind === 'Job') return [];
  const wanted = imagesOf(podTemplateOf(live)?.spec);
  const newest = new Set(podsOf(live, world));
  const older = allPodsOf(live, world).filter((pod) => !newest.has(pod) && isAlive(pod) && isTrue(pod, 'Ready'));
  const tags = imageTagsOf(live);
  const counts = new Map<string, OlderImage>();
  for (const pod of older) {
    const tagsThen = tagsOfPod(pod, world);
    for (const [container, image] of imagesOf(pod.spec)) {
      const isInit = arrayOf(at(pod.spec, 'initContainers')).some((one) => at(one, 'name') === container);
      const now = wanted.get(container);
      if (isInit || now === undefined || now === image) continue;
      const key = `${container} ${image}`;
      const shown = { image: taggedImage(image, tagsThen.get(container)), now: taggedImage(now, tags.get(container)) };
      counts.set(key, { ...shown, pods: (counts.get(key)?.pods ?? 0) + 1 });
    }
  }
  return [...counts.values()];
}
