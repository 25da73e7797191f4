import { waveAnnotation } from '../kinds/index.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { isMovingImage, parseImageName } from '../model/image.ts';
import { type Manifest, originOf } from '../model/manifest.ts';
import { formatOrigin, formatRef, refKey } from '../model/object.ts';
import { placedImages } from './containers.ts';

/** What somebody has agreed to. */
export interface LintOptions {
  /** Images without a fixed version are deployed, and warned of; else they are refused. */
  readonly allowLatest: boolean;
}

/** What is wrong with manifests and can be told without a cluster. */
export function lint(manifests: readonly Manifest[], options: LintOptions): readonly Finding[] {
  return [
    ...duplicates(manifests),
    ...manifests.flatMap((manifest) => [...badWave(manifest), ...movingImages(manifest, options)]),
  ];
}

function duplicates(manifests: readonly Manifest[]): Finding[] {
  const first = new Map<string, Manifest>();
  return manifests.flatMap((manifest) => {
    const key = refKey(manifest.ref);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, manifest);
      return [];
    }
    const cause = `${formatRef(manifest.ref)} is defined twice; the first one is at ${formatOrigin(earlier.origin)}.`;
    return [
      errorFinding('manifests/duplicate', cause, 'Remove one of them.', {
        object: manifest.ref,
        origin: manifest.origin,
      }),
    ];
  });
}

function badWave(manifest: Manifest): Finding[] {
  const wave = manifest.body.metadata.annotations?.[waveAnnotation];
  if (wave === undefined || /^\d{1,2}$/.test(wave)) return [];
  const origin = originOf(manifest, `metadata.annotations[${waveAnnotation}]`);
  const cause = `The annotation ${waveAnnotation} is ${JSON.stringify(wave)}, not a whole number from 0 to 99.`;
  return [
    errorFinding('manifests/wave', cause, 'Write a number in quotes, such as "3".', { object: manifest.ref, origin }),
  ];
}

/** `latest` moves: what runs can't be told from the manifest, and going back to it is impossible. */
function movingImages(manifest: Manifest, { allowLatest }: LintOptions): Finding[] {
  return placedImages(manifest.body)
    .filter(({ image }) => isMovingImage(image))
    .map(({ image, path }) => ({
      id: 'images/latest',
      severity: allowLatest ? ('warning' as const) : ('error' as const),
      object: manifest.ref,
      origin: originOf(manifest, path),
      cause: `The image ${image} has no fixed version: what runs can change without a deploy.`,
      evidence: [],
      fix: allowLatest ? 'Deploy a tag that is never pushed again, or a digest.' : waysOut(image),
    }));
}

function waysOut(image: string): string {
  const name = parseImageName(image).repository.split('/').at(-1) ?? image;
  return `Give it a version: --tag <tag>, --image ${name}=:<tag>, images: in the configuration, or in the manifest. To deploy it all the same: --allow-latest.`;
}
