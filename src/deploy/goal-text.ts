import { templateContainers } from '../manifests/containers.ts';
import { formatSpan } from '../model/age.ts';
import { parseImageName, versionOf } from '../model/image.ts';
import { askedImage, imageTagsOf } from '../model/image-tags.ts';
import type { KubernetesObject } from '../model/object.ts';
import { keptOf, type Plan } from '../model/plan.ts';
import { goalOf, type ReleaseSummary } from '../model/release.ts';
import { namesIn } from '../model/text.ts';

/**
 * Where a rollback goes, before anybody is asked to agree to it:
 * `Going back to release 3: up by kim 2 d ago, commit 4a35434c, with web:1.4.2.`
 */
export function goalText(action: string, releases: readonly ReleaseSummary[], plan: Plan, nowMs: number): string {
  const goal = goalOf(action);
  const release = releases.find(({ number }) => number === goal);
  const images = [...new Set(keptOf(plan).flatMap(({ manifest }) => imagesIn(manifest.body)))];
  const facts = [
    ...(release === undefined ? [] : [originOf(release, nowMs)]),
    ...(release?.commit === undefined ? [] : [`commit ${release.commit.hash.slice(0, 8)}`]),
    ...(images.length === 0 ? [] : [`with ${namesIn(images)}`]),
  ];
  return `Going back to release ${goal ?? ''}${facts.length === 0 ? '' : `: ${facts.join(', ')}`}.`;
}

function originOf({ action, author, startedAt, endedAt }: ReleaseSummary, nowMs: number): string {
  const by = author.url === undefined ? author.user : 'CI';
  return `${action} by ${by} ${formatSpan(nowMs - Date.parse(endedAt ?? startedAt))} ago`;
}

/** By their last names: the plan tells from which registry. */
function imagesIn(body: KubernetesObject): readonly string[] {
  const tags = imageTagsOf(body);
  return templateContainers(body).map(({ name, image }) => {
    const { repository, ...version } = parseImageName(askedImage(image, tags.get(name)));
    const last = repository.split('/').at(-1) ?? '';
    return version.tag === undefined && version.digest === undefined ? last : `${last}:${versionOf(version)}`;
  });
}
