import { formatImageName, parseImageName } from './image.ts';
import type { KubernetesObject } from './object.ts';

/**
 * On a workload (not on its pods: another tag of the same image restarts none of them): the tags by which its images were
 * asked for, as `app=1.4.2,migrate=7`. Its pod template has their digests.
 */
export const imageTagsAnnotation = 'oms-deploy.io/image-tags';

/** The tag of each container of which one is known. */
export type ImageTags = ReadonlyMap<string, string>;

/** Reads them from an object. */
export function imageTagsOf({ metadata }: KubernetesObject): ImageTags {
  return parseImageTags(metadata.annotations?.[imageTagsAnnotation] ?? '');
}

/** Reads the annotation's text. */
export function parseImageTags(text: string): ImageTags {
  const pairs = text.split(',').map((pair) => pair.split('=', 2));
  return new Map(
    pairs.flatMap(([container = '', tag = '']) => (container === '' || tag === '' ? [] : [[container, tag] as const])),
  );
}

/** The object with these tags alone; without the annotation where there are none. */
export function withImageTags<T extends KubernetesObject>(object: T, tags: ImageTags): T {
  const { annotations, ...metadata } = object.metadata;
  const { [imageTagsAnnotation]: before, ...others } = annotations ?? {};
  if (tags.size === 0 && before === undefined) return object;
  const text = [...tags].map(([container, tag]) => `${container}=${tag}`).join(',');
  const after = tags.size === 0 ? others : { ...others, [imageTagsAnnotation]: text };
  const kept = Object.keys(after).length === 0 ? {} : { annotations: after };
  return { ...object, metadata: { ...metadata, ...kept } };
}

/** What an image was asked for by: its tag, where that is known, in place of the digest. */
export function askedImage(image: string, tag: string | undefined): string {
  const { repository, digest } = parseImageName(image);
  return tag === undefined || digest === undefined ? image : formatImageName({ repository, tag });
}

/** An image of a workload with the tag by which it was asked for, where that is known: `web:1.4.2@sha256:...`. */
export function taggedImage(image: string, tag: string | undefined): string {
  const name = parseImageName(image);
  return tag === undefined || name.digest === undefined ? image : formatImageName({ ...name, tag });
}
