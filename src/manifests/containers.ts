import { arrayOf, at, isObject, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { podTemplateOf, withAt } from './pod-template.ts';

const lists = ['containers', 'initContainers'] as const;

/** A container of a pod template. */
export interface TemplateContainer {
  readonly name: string;
  readonly image: string;
  readonly isInit: boolean;
}

/** The containers of a workload's pod template, those that run before the others last. */
export function templateContainers(workload: KubernetesObject): readonly TemplateContainer[] {
  const template = podTemplateOf(workload);
  return lists.flatMap((list) =>
    arrayOf(at(template, 'spec', list))
      .filter(isObject)
      .map(({ name, image }) => ({
        name: stringOf(name) ?? '',
        image: stringOf(image) ?? '',
        isInit: list === 'initContainers',
      })),
  );
}

/** An image of a manifest: whose, and at which path. */
export interface PlacedImage {
  readonly container: string;
  readonly image: string;
  /** `spec.template.spec.containers[0].image`. */
  readonly path: string;
}

/** The images of a Pod's or a workload's containers, those that run before the others last. */
export function placedImages(object: KubernetesObject): readonly PlacedImage[] {
  const base = podSpecPath(object);
  if (base === undefined) return [];
  return lists.flatMap((list) =>
    arrayOf(at(object, ...base, list)).flatMap((container, index) => {
      const image = stringOf(at(container, 'image'));
      const path = `${base.join('.')}.${list}[${index}].image`;
      return image === undefined ? [] : [{ container: stringOf(at(container, 'name')) ?? '', image, path }];
    }),
  );
}

/** The pod spec of a Pod or a workload; undefined for other kinds. */
export function podSpecOf(object: KubernetesObject): JsonObject | undefined {
  const base = podSpecPath(object);
  return base === undefined ? undefined : objectOf(at(object, ...base));
}

/** An object with another pod spec. */
export function withPodSpec(object: KubernetesObject, spec: JsonObject): KubernetesObject {
  const base = podSpecPath(object);
  return base === undefined ? object : { ...object, ...withAt(object, base, spec) };
}

/** The same with other images: `change` is asked for each container. */
export function withImages(
  object: KubernetesObject,
  change: (container: string, image: string) => string,
): KubernetesObject {
  const spec = podSpecOf(object);
  if (spec === undefined) return object;
  const changed = lists
    .filter((list) => spec[list] !== undefined)
    .map((list) => [list, arrayOf(spec[list]).map((one) => (isObject(one) ? withOwnImage(one, change) : one))]);
  return withPodSpec(object, { ...spec, ...Object.fromEntries(changed) });
}

function withOwnImage(container: JsonObject, change: (container: string, image: string) => string): JsonObject {
  const image = stringOf(container.image);
  return image === undefined ? container : { ...container, image: change(stringOf(container.name) ?? '', image) };
}

/** Where the pod spec of a Pod or a workload stands; undefined for other kinds. */
export function podSpecPath(object: KubernetesObject): readonly string[] | undefined {
  if (object.kind === 'Pod' && object.apiVersion === 'v1') return ['spec'];
  if (podTemplateOf(object) === undefined) return undefined;
  return object.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'];
}

/** The same with another image for one container. */
export function withImage(workload: KubernetesObject, container: string, image: string): KubernetesObject {
  return withImages(workload, (name, before) => (name === container ? image : before));
}
