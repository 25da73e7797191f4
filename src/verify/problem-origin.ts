import { podsIn } from '../lint/pods.ts';
import { referencesOf } from '../lint/references.ts';
import { type Manifest, originOf } from '../model/manifest.ts';
import type { Origin } from '../model/object.ts';
import type { TemplatePart } from '../model/readiness.ts';

/** Where in the files a problem of a workload is corrected, as near as can be told: the field, its container, the object. */
export function originOfProblem(manifest: Manifest, { about }: { readonly about?: TemplatePart | undefined }): Origin {
  const path = about === undefined ? undefined : pathOf(manifest, about);
  return path === undefined ? manifest.origin : originOf(manifest, path);
}

function pathOf(manifest: Manifest, about: TemplatePart): string | undefined {
  const pods = podsIn([manifest]);
  if ('container' in about) {
    const { path } = pods.flatMap(({ containers }) => containers).find(({ name }) => name === about.container) ?? {};
    return path === undefined ? undefined : nearest(manifest, path, about.field);
  }
  const { kind, name, key } = about;
  const read = pods.flatMap(referencesOf).filter((one) => one.kind === kind && one.name === name);
  return (read.find((one) => one.key === key) ?? read[0])?.path;
}

/** A field that isn't written stands where what it belongs to does. */
function nearest({ lineOf, overrideOf }: Manifest, container: string, field: string): string {
  const steps = field === '' ? [] : field.split('.');
  const paths = steps.map((_, index) => [container, ...steps.slice(0, steps.length - index)].join('.'));
  return paths.find((path) => (overrideOf?.(path) ?? lineOf(path)) !== undefined) ?? container;
}
