import { placedImages } from '../../manifests/containers.ts';
import { isMovingImage, parseImageName } from '../../model/image.ts';
import { isOpen } from '../../model/open.ts';
import type { Rule } from '../rule.ts';

/** `latest` moves: what runs can't be told from the manifest, and going back to it is impossible. */
export const imagesLatest: Rule = {
  id: 'images/latest',
  severity: 'error',
  summary: 'an image has no version, or `latest` (with `--allow-latest` a warning)',
  fix: 'Deploy a tag that is never pushed again, or a digest.',
  run({ manifests, allowLatest }) {
    return manifests.flatMap((manifest) =>
      placedImages(manifest.body)
        // What an open place stands for may end with a tag.
        .filter(({ image }) => isMovingImage(image) && !isOpen(image.split('/').at(-1)))
        .map(({ image, path }) => ({
          manifest,
          path,
          cause: `runs ${image}, which has no fixed version: what runs can change without a deploy`,
          ...(allowLatest ? { severity: 'warning' as const } : { fix: waysOut(image) }),
        })),
    );
  },
};

function waysOut(image: string): string {
  const name = parseImageName(image).repository.split('/').at(-1) ?? image;
  return `Give it a version: --tag <tag>, --image ${name}=:<tag>, images: in the configuration, or in the manifest. To deploy it all the same: --allow-latest.`;
}
