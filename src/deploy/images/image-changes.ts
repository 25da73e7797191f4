import { placedImages } from '../../manifests/containers.ts';
import { parseImageName, shortDigest, versionOf } from '../../model/image.ts';
import { imageTagsAnnotation, imageTagsOf, parseImageTags } from '../../model/image-tags.ts';
import { stringOf } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { FieldChange } from '../../model/plan.ts';

/**
 * The changes of an object with those of its images in words: `image 1.4.1 -> 1.4.2`, by the tags where they are known, for
 * digests tell a person nothing. The annotation with the tags is no change of its own beside them.
 */
export function withImageWords(
  fields: readonly FieldChange[],
  before: KubernetesObject,
  after: KubernetesObject,
): readonly FieldChange[] {
  const isSingle = placedImages(after).length === 1;
  const worded = fields.map((field) => {
    const shown = wordsOf(field, before, after, isSingle);
    return shown === undefined ? field : { ...field, shown };
  });
  const others = worded.filter(({ path }) => !isTags(path));
  return others.some(({ path }) => containerOf(path) !== undefined) ? others : worded;
}

/** The container whose image a path leads to. */
function containerOf(path: string): string | undefined {
  return /\b(?:containers|initContainers)\[([^\]]+)\]\.image$/.exec(path)?.[1];
}

function isTags(path: string): boolean {
  return path === `metadata.annotations[${imageTagsAnnotation}]`;
}

function wordsOf(
  field: FieldChange,
  before: KubernetesObject,
  after: KubernetesObject,
  isSingle: boolean,
): string | undefined {
  const [old, now] = [stringOf(field.before), stringOf(field.after)];
  if (isTags(field.path)) return tagWords(old ?? '', now ?? '', isSingle);
  const container = containerOf(field.path);
  if (container === undefined || old === undefined || now === undefined) return undefined;
  const [was, is] = [named(old, container, before), named(now, container, after)];
  if (was.repository !== is.repository) return undefined;
  const [from, to] = [versionOf(was), versionOf(is)];
  const what = isSingle ? 'image' : `image ${container}`;
  if (from !== to) return `${what} ${from} -> ${to}`;
  if (was.digest === undefined || is.digest === undefined)
    return `${what} ${to}, ${is.digest === undefined ? 'no longer' : 'from now on'} by its digest`;
  return `${what} ${to} was pushed anew: ${shortDigest(was.digest)} -> ${shortDigest(is.digest)}`;
}

function named(image: string, container: string, object: KubernetesObject): ReturnType<typeof parseImageName> {
  const name = parseImageName(image);
  const tag = name.digest === undefined ? undefined : imageTagsOf(object).get(container);
  return tag === undefined ? name : { ...name, tag };
}

/** Another tag of the very same image. */
function tagWords(before: string, after: string, isSingle: boolean): string {
  const [old, now] = [parseImageTags(before), parseImageTags(after)];
  const changed = [...new Set([...old.keys(), ...now.keys()])].filter((one) => old.get(one) !== now.get(one));
  const words = changed.map(
    (one) => `${isSingle ? '' : `${one} `}${old.get(one) ?? 'none'} -> ${now.get(one) ?? 'none'}`,
  );
  return `image tag ${words.join(', ')}: the same image`;
}
