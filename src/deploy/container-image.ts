import { DeployError } from '../errors.ts';
import { type TemplateContainer, templateContainers, withImage } from '../manifests/containers.ts';
import {
  formatImageName,
  type ImageChoice,
  isImagePart,
  isMovingImage,
  parseImageName,
  withChange,
} from '../model/image.ts';
import { imageTagsOf, withImageTags } from '../model/image-tags.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject } from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';

/**
 * A workload with another image for one container, and that image as it is named: with its container where there are
 * several.
 *
 * @throws DeployError `usage` where it isn't clear which container is meant; unless `allowLatest`, for an image without a
 * fixed version, as `up` does: what runs couldn't be told, and there would be no way back.
 */
export function imageChange(
  manifest: Manifest,
  { container, image: asked }: ImageChoice,
  allowLatest: boolean,
): { readonly body: KubernetesObject; readonly shown: string } {
  const containers = templateContainers(manifest.body);
  const chosen = chooseContainer(manifest, containers, container);
  const before = parseImageName(chosen.image);
  const { tag, digest } = parseImageName(asked);
  const version = { ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
  const image = isImagePart(asked) ? formatImageName(withChange(before, version)) : asked;
  if (!allowLatest && isMovingImage(image)) throw moving(image, before.repository);
  const tags = new Map([...imageTagsOf(manifest.body)].filter(([name]) => name !== chosen.name));
  return {
    body: withImageTags(withImage(manifest.body, chosen.name, image), tags),
    shown: containers.length > 1 ? `${chosen.name}=${image}` : image,
  };
}

/** A word alone may be meant as a tag: as a number it is hardly ever an image. */
function moving(image: string, repository: string): DeployError {
  const isWord = !/[/:@]/.test(image) && image !== repository.split('/').at(-1);
  const asTag = isWord ? `Did you mean :${image} (another tag of ${repository})?` : '';
  const asIs = 'ame a tag or a digest. To deploy it all the same: --allow-latest.';
  const isNumber = isWord && /^v?\d/.test(image);
  return new DeployError('usage', `The image ${image} has no fixed version. Nothing was changed.`, {
    fix: isNumber ? asTag : isWord ? `${asTag} Else n${asIs}` : `N${asIs}`,
  });
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
