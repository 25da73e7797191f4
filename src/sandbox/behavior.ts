import { arrayOf, at, type Json, stringOf } from '../model/json.ts';

/** How a pod of the sandbox behaves, beside the default: ready after a short start. */
export const behaviors = [
  'slow-ready',
  'crash',
  'late-crash',
  'restart-once',
  'init-crash',
  'oom',
  'image-not-found',
  'pull-denied',
  'pull-recovers',
  'missing-config-key',
  'start-error',
  'never-ready',
  'unready-later',
  'manual',
] as const;
export type Behavior = (typeof behaviors)[number];

/** The pod annotation that chooses a behaviour for all containers of a pod. */
export const behaviorAnnotation = 'sandbox.oms-deploy.io/behavior';

/**
 * The jq expression that yields the names of a pod's behaviours: its annotation and its images' tags (names that
 * aren't a behaviour, such as `1.4.2`, match nothing). A digest after the tag is ignored.
 */
export const behaviorQuery =
  `(.metadata.annotations["${behaviorAnnotation}"] // empty), ` +
  '((.spec.containers[], (.spec.initContainers // [])[]) | .image | split("@")[0] | split(":")[-1])';

/** The behaviour of a pod by the same rule as `behaviorQuery`: the annotation first, then the tags in order. */
export function behaviorOf(pod: Json): Behavior | undefined {
  const annotation = stringOf(at(pod, 'metadata', 'annotations', behaviorAnnotation));
  const containers = [...arrayOf(at(pod, 'spec', 'containers')), ...arrayOf(at(pod, 'spec', 'initContainers'))];
  const tags = new Set(
    containers.map((container) => stringOf(at(container, 'image'))?.split('@')[0]?.split(':').at(-1)),
  );
  return behaviors.find((name) => name === annotation) ?? behaviors.find((name) => tags.has(name));
}
