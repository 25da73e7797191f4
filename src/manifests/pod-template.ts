import { arrayOf, at, isObject, type Json, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import { groupOf, type KubernetesObject } from '../model/object.ts';

/** The path of the pod template in each kind that has one. */
const templatePaths: Readonly<Record<string, readonly string[]>> = {
  'apps/Deployment': ['spec', 'template'],
  'apps/StatefulSet': ['spec', 'template'],
  'apps/DaemonSet': ['spec', 'template'],
  'apps/ReplicaSet': ['spec', 'template'],
  'batch/Job': ['spec', 'template'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template'],
};

/** The pod template of a workload, or undefined for other kinds. */
export function podTemplateOf(object: KubernetesObject): JsonObject | undefined {
  const path = templatePaths[`${groupOf(object.apiVersion)}/${object.kind}`];
  const template = path === undefined ? undefined : at(object, ...path);
  return isObject(template) ? template : undefined;
}

/** A workload with another pod template. */
export function withPodTemplate(workload: KubernetesObject, template: JsonObject): KubernetesObject {
  const path = templatePaths[`${groupOf(workload.apiVersion)}/${workload.kind}`];
  return path === undefined ? workload : { ...workload, ...withAt(workload, path, template) };
}

/** An object with another one inside it. */
export function withAt(value: Json | undefined, [step, ...rest]: readonly string[], inner: JsonObject): JsonObject {
  if (step === undefined) return inner;
  const object = objectOf(value);
  return { ...object, [step]: withAt(object[step], rest, inner) };
}

/** The labels of a workload's pods. */
export function podLabelsOf(workload: KubernetesObject): JsonObject {
  const metadata = workload.kind === 'Pod' ? workload.metadata : podTemplateOf(workload)?.metadata;
  return objectOf(objectOf(metadata).labels);
}

/** The spec of a workload's pods: of its template, or its own if it is a Pod; empty for other kinds. */
export function specOfPods(workload: KubernetesObject): JsonObject {
  return objectOf(workload.kind === 'Pod' ? workload.spec : podTemplateOf(workload)?.spec);
}

/** The containers of a pod spec that run for as long as the pod does. */
export function mainContainers(spec: JsonObject): readonly JsonObject[] {
  return arrayOf(spec.containers).filter(isObject);
}

/** All containers of a pod spec, init containers first. */
export function allContainers(spec: JsonObject): readonly JsonObject[] {
  return [...arrayOf(spec.initContainers).filter(isObject), ...mainContainers(spec)];
}

/** A ConfigMap or Secret that a pod reads: all of it, or the keys named. */
export interface ConfigReference {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly keys: readonly string[] | 'all';
}

/** The ConfigMaps, Secrets and keys without which a pod of this template can't start: `optional` ones left out. */
export function requiredReferences(template: JsonObject): readonly ConfigReference[] {
  return configReferences(objectOf(withoutOptional(template)));
}

/** `optional: true` stands in the selector, the source or the volume that it makes optional. */
function withoutOptional(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => withoutOptional(item) ?? null);
  if (!isObject(value)) return value;
  if (value.optional === true) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutOptional(item)]));
}

/** Every ConfigMap and Secret that a pod template reads by env, envFrom or volume (also projected), in a stable order. */
export function configReferences(template: JsonObject): readonly ConfigReference[] {
  const spec = objectOf(template.spec);
  const containers = [...arrayOf(spec.initContainers), ...arrayOf(spec.containers)].filter(isObject);
  const volumes = arrayOf(spec.volumes).filter(isObject);
  const references = [...containers.flatMap(containerReferences), ...volumes.flatMap(volumeReferences)];
  return mergeReferences(references);
}

function containerReferences(container: JsonObject): ConfigReference[] {
  const single = arrayOf(container.env).flatMap((entry) => {
    const from = objectOf(objectOf(entry).valueFrom);
    return [
      ...keyReference('ConfigMap', objectOf(from.configMapKeyRef)),
      ...keyReference('Secret', objectOf(from.secretKeyRef)),
    ];
  });
  const whole = arrayOf(container.envFrom).flatMap((entry) => [
    ...wholeReference('ConfigMap', objectOf(objectOf(entry).configMapRef).name),
    ...wholeReference('Secret', objectOf(objectOf(entry).secretRef).name),
  ]);
  return [...single, ...whole];
}

function volumeReferences(volume: JsonObject): ConfigReference[] {
  const projected = arrayOf(objectOf(volume.projected).sources).filter(isObject);
  return [
    ...fileReference('ConfigMap', objectOf(volume.configMap).name, volume.configMap),
    ...fileReference('Secret', objectOf(volume.secret).secretName, volume.secret),
    ...projected.flatMap((source) => [
      ...fileReference('ConfigMap', objectOf(source.configMap).name, source.configMap),
      ...fileReference('Secret', objectOf(source.secret).name, source.secret),
    ]),
  ];
}

function keyReference(kind: ConfigReference['kind'], selector: JsonObject): ConfigReference[] {
  const [name, key] = [stringOf(selector.name), stringOf(selector.key)];
  return name === undefined || key === undefined ? [] : [{ kind, name, keys: [key] }];
}

function wholeReference(kind: ConfigReference['kind'], name: unknown): ConfigReference[] {
  return typeof name === 'string' ? [{ kind, name, keys: 'all' }] : [];
}

function fileReference(kind: ConfigReference['kind'], name: unknown, source: unknown): ConfigReference[] {
  const items = arrayOf(objectOf(source).items);
  if (items.length === 0) return wholeReference(kind, name);
  return items.flatMap((item) => keyReference(kind, { name: stringOf(name), key: objectOf(item).key }));
}

function mergeReferences(references: readonly ConfigReference[]): readonly ConfigReference[] {
  const merged = new Map<string, ConfigReference>();
  for (const reference of references) {
    const id = `${reference.kind}/${reference.name}`;
    const keys = merged.get(id)?.keys ?? [];
    const all = keys === 'all' || reference.keys === 'all';
    merged.set(id, { ...reference, keys: all ? 'all' : [...new Set([...keys, ...reference.keys])].sort() });
  }
  return [...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, reference]) => reference);
}
