import { createHash, createHmac } from 'node:crypto';
import { kindOf } from '../kinds/index.ts';
import { at, type Json, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type ConfigReference, configReferences, podTemplateOf, withAt } from './pod-template.ts';

/** On a pod template: changes when a ConfigMap or Secret key that the pods read changes, and so restarts them (kubernetes#22368). */
export const configHashAnnotation = 'oms-deploy.io/config-hash';

/**
 * On a Secret: random text that goes into the hash of its values. Who may not read the Secret can't guess
 * its values from the hash on the pod template.
 */
export const saltAnnotation = 'oms-deploy.io/salt';

/**
 * Gives each Secret of the manifests its salt, those that an operator makes of them too. `choose` returns the live one of a
 * Secret, or new random text.
 */
export function saltSecrets(
  manifests: readonly Manifest[],
  choose: (secret: KubernetesObject) => string,
): readonly Manifest[] {
  return manifests.map((manifest) => {
    const { body, makes } = manifest;
    if (isSecret(body)) return { ...manifest, body: withSalt(body, choose(body)) };
    if (makes === undefined) return manifest;
    const salt = choose(makes);
    return { ...manifest, body: saltedTemplate(body, salt), makes: withSalt(makes, salt) };
  });
}

/** The salt of a Secret that is there; undefined where it has none. */
export function saltOf(secret: KubernetesObject | undefined): string | undefined {
  return secret?.metadata.annotations?.[saltAnnotation];
}

/** The salt of the Secret that an ExternalSecret makes; undefined for one whose values no hash counts. */
export function templateSaltOf(body: KubernetesObject | undefined): string | undefined {
  return stringOf(at(body, ...templateAnnotations, saltAnnotation));
}

const templateAnnotations = ['spec', 'target', 'template', 'metadata', 'annotations'] as const;

/** A Secret with this salt. */
export function withSalt(secret: KubernetesObject, salt: string): KubernetesObject {
  const annotations = { ...secret.metadata.annotations, [saltAnnotation]: salt };
  return { ...secret, metadata: { ...secret.metadata, annotations } };
}

function saltedTemplate(body: KubernetesObject, salt: string): KubernetesObject {
  const annotations = { ...objectOf(at(body, ...templateAnnotations)), [saltAnnotation]: salt };
  return { ...body, ...withAt(body, templateAnnotations, annotations) };
}

/**
 * Writes the hash of what they read onto the pod templates of Deployments, StatefulSets and DaemonSets.
 * Only keys that a pod really reads count, so that a change restarts just the pods that see it. `beside` are those of the
 * application that aren't among the manifests.
 */
export function hashConfigs(
  manifests: readonly Manifest[],
  beside: readonly KubernetesObject[] = [],
): readonly Manifest[] {
  const configs = [...beside, ...manifests.map(({ body, makes = body }) => makes).filter(isConfig)];
  const sources = new Map(configs.map((one) => [configKey(one), one]));
  return manifests.map((manifest) => {
    const template = podTemplateOf(manifest.body);
    if (template === undefined || kindOf(manifest.ref)?.restartsOnTemplateChange !== true) return manifest;
    const hash = hashOf(configReferences(template), manifest.body.metadata.namespace, sources);
    return hash === undefined ? manifest : { ...manifest, body: withHash(manifest.body, template, hash) };
  });
}

/** The keys of a ConfigMap or Secret that a workload reads, one entry per reference; empty where it reads none. */
export function readsFrom(workload: KubernetesObject, config: KubernetesObject): readonly ConfigReference['keys'][] {
  const template = podTemplateOf(workload);
  if (template === undefined || !isConfig(config)) return [];
  return configReferences(template)
    .filter(({ kind, name }) => keyOf(kind, workload.metadata.namespace, name) === configKey(config))
    .map(({ keys }) => keys);
}

function hashOf(
  references: readonly ConfigReference[],
  namespace: string | undefined,
  sources: ReadonlyMap<string, KubernetesObject>,
): string | undefined {
  const parts = references.flatMap((reference) => {
    const source = sources.get(keyOf(reference.kind, namespace, reference.name));
    return source === undefined ? [] : [[reference.kind, reference.name, digest(source, reference.keys)]];
  });
  if (parts.length === 0) return undefined;
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

function digest(source: KubernetesObject, keys: readonly string[] | 'all'): string {
  const values = { ...objectOf(source.data), ...objectOf(source.binaryData) };
  const names = keys === 'all' ? Object.keys(values).sort() : keys;
  const content = JSON.stringify(names.map((name) => [name, values[name] ?? null]));
  return createHmac('sha256', source.metadata.annotations?.[saltAnnotation] ?? '')
    .update(content)
    .digest('hex');
}

function withHash(body: KubernetesObject, template: JsonObject, hash: string): KubernetesObject {
  const metadata = objectOf(template.metadata);
  const annotations: JsonObject = { ...objectOf(metadata.annotations), [configHashAnnotation]: hash };
  const spec: Json = { ...objectOf(body.spec), template: { ...template, metadata: { ...metadata, annotations } } };
  return { ...body, spec };
}

function isSecret(body: KubernetesObject): boolean {
  return body.apiVersion === 'v1' && body.kind === 'Secret';
}

function isConfig(body: KubernetesObject): boolean {
  return isSecret(body) || (body.apiVersion === 'v1' && body.kind === 'ConfigMap');
}

function configKey(body: KubernetesObject): string {
  return keyOf(body.kind, body.metadata.namespace, body.metadata.name ?? '');
}

function keyOf(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}
