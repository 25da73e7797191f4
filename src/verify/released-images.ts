import { DeployError } from '../errors.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import type { Manifest } from '../model/manifest.ts';
import { refKey } from '../model/object.ts';
import { isOpen } from '../model/open.ts';
import type { Place } from '../releases/place.ts';
import { listReleases, readRelease } from '../releases/read-records.ts';
import type { ReleasedImages } from './facts.ts';
import { imagesOf } from './pod-images.ts';

/** Whether manifests name an image by a placeholder: what it stood for only the release knows. */
export function hasOpenImage(declared: readonly Manifest[]): boolean {
  return declared.some(({ body }) => [...imagesOf(podTemplateOf(body)?.spec).values()].some(isOpen));
}

/**
 * The images of the newest release. Undefined where there is none that may be read, and where it did not end well: then some
 * workloads have its images, and others those of before.
 */
export async function readReleasedImages(place: Place, signal: AbortSignal): Promise<ReleasedImages | undefined> {
  try {
    const [newest] = await listReleases(place, signal);
    if (newest?.status !== 'deployed') return undefined;
    const release = await readRelease(place, newest.number, signal);
    if (release === undefined) return undefined;
    const images = release.objects.map(({ ref, body }) => [refKey(ref), imagesOf(podTemplateOf(body)?.spec)] as const);
    return { release: release.number, images: new Map(images), overrides: release.overrides };
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return undefined;
    throw error;
  }
}
