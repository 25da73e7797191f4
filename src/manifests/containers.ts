import { arrayOf, at, isObject, type Json, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { podTemplateOf } from './pod-template.ts';

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

/** A workload of the apps group with another pod template. */
export function withPodTemplate(workload: KubernetesObject, template: Json): KubernetesObject {
  return { ...workload, spec: { ...objectOf(workload.spec), template } };
}

/** The same with another image for one container. */
export function withImage(workload: KubernetesObject, container: string, image: string): KubernetesObject {
  const template = podTemplateOf(workload);
  if (template === undefined) return workload;
  const spec = objectOf(template.spec);
  const changed = lists
    .filter((list) => spec[list] !== undefined)
    .map((list) => [
      list,
      arrayOf(spec[list]).map((one) => (isObject(one) && one.name === container ? { ...one, image } : one)),
    ]);
  return withPodTemplate(workload, { ...template, spec: { ...spec, ...Object.fromEntries(changed) } });
}
