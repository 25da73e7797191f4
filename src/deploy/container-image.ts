import { DeployError } from '../errors.ts';
import { type TemplateContainer, templateContainers, withImage } from '../manifests/containers.ts';
import type { ImageChoice } from '../model/image.ts';
import { imageTagsOf, withImageTags } from '../model/image-tags.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject } from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';

/**
 * A workload with another image for one container, and that image as it is named: with its container where there are
 * several.
 *
 * @throws DeployError `usage` where it isn't clear which container is meant.
 */
export function imageChange(
  manifest: Manifest,
  { container, image }: ImageChoice,
): { readonly body: KubernetesObject; readonly shown: string } {
  const containers = templateContainers(manifest.body);
  const chosen = chooseContainer(manifest, containers, container);
  const tags = new Map([...imageTagsOf(manifest.body)].filter(([name]) => name !== chosen.name));
  return {
    body: withImageTags(withImage(manifest.body, chosen.name, image), tags),
    shown: containers.length > 1 ? `${chosen.name}=${image}` : image,
  };
}

function chooseContainer(
  { ref }: Manifest,
  containers: readonly TemplateContainer[],
  wanted: string | undefined,
): TemplateContainer {
  const list = containers.map(({ name, image, isInit }) => `${name} (${isInit ? 'init, ' : ''}${image})`).join(', ');
  const why = `Its containers: ${list}.`;
  if (wanted !== undefined) {
    const found = containers.find(({ name }) => name === wanted);
    if (found !== undefined) return found;
    const names = containers.map(({ name }) => name);
    throw new DeployError('usage', `${formatRef(ref)} has no container ${wanted}. Nothing was changed.`, {
      why,
      fix: didYouMean(wanted, names) || `Name one of them: --container ${names[0] ?? '<name>'}.`,
    });
  }
  // What runs before the others is rarely meant: it is named where it is.
  const [only, ...others] = containers.filter(({ isInit }) => !isInit);
  if (only !== undefined && others.length === 0) return only;
  throw new DeployError('usage', `${formatRef(ref)} has several containers. Nothing was changed.`, {
    why,
    fix: `Say which one: --container ${only?.name ?? '<name>'}.`,
  });
}
