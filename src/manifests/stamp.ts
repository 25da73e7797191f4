import { Buffer } from 'node:buffer';
import { stepsIn } from '../model/field-path.ts';
import { at, isObject, type Json, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, type KubernetesObject, refOf } from '../model/object.ts';
import { podTemplateOf, withPodTemplate } from './pod-template.ts';
import { withEarlyIngresses } from './readiness-gates.ts';

export const managedByLabel = 'app.kubernetes.io/managed-by';
export const partOfLabel = 'app.kubernetes.io/part-of';
const nameLabel = 'app.kubernetes.io/name';

/** The application that an object was deployed for; undefined for what oms-deploy hasn't deployed. */
export function ownerOf({ metadata }: KubernetesObject): string | undefined {
  const { labels = {} } = metadata;
  return labels[managedByLabel] === 'oms-deploy' ? labels[partOfLabel] : undefined;
}

/** Whether an object was deployed by oms-deploy, as part of this application; without one, of any. */
export function isPartOf({ metadata }: KubernetesObject, application: string | undefined): boolean {
  const { labels = {} } = metadata;
  return labels[managedByLabel] === 'oms-deploy' && (application === undefined || labels[partOfLabel] === application);
}

/** What every object of a release carries. */
export interface Stamp {
  readonly application: string;
  /** The namespace to deploy to. */
  readonly namespace: string;
  /** The namespaces that the manifests were written for: they and the objects in them become `namespace`. */
  readonly writtenFor: readonly string[];
  /** Of all objects and their pods; what a manifest says itself stays. */
  readonly labels: Readonly<Record<string, string>>;
  readonly isNamespaced: (manifest: Manifest) => boolean;
}

/**
 * Completes rendered manifests: namespace, `app.kubernetes.io/*` labels, `data` for `stringData`, no `replicas` beside an HPA,
 * load balancers before the pods that wait for them.
 */
export function stampManifests(manifests: readonly Manifest[], stamp: Stamp): readonly Manifest[] {
  const placed = manifests.map((manifest) => place(manifest, stamp));
  const scaled = scaledWorkloads(placed);
  return withEarlyIngresses(placed).map((manifest) => {
    const stringDone = encodeStringData(manifest.body);
    const body = scaled.has(workloadKey(manifest.body)) ? withoutReplicas(stringDone) : stringDone;
    return { ...manifest, ref: refOf(body), body, ...placesOfData(manifest) };
  });
}

function place(manifest: Manifest, stamp: Stamp): Manifest {
  const { body } = manifest;
  const { namespace, ...metadata } = body.metadata;
  const labels = {
    ...(typeof metadata.name === 'string' ? { [nameLabel]: metadata.labels?.app ?? metadata.name } : {}),
    [partOfLabel]: stamp.application,
    ...stamp.labels,
    ...metadata.labels,
    [managedByLabel]: 'oms-deploy',
  };
  const home = namespace === undefined || stamp.writtenFor.includes(namespace) ? stamp.namespace : namespace;
  const isItself =
    body.kind === 'Namespace' && body.apiVersion === 'v1' && stamp.writtenFor.includes(metadata.name ?? '');
  const where = stamp.isNamespaced(manifest) ? { namespace: home } : isItself ? { name: stamp.namespace } : {};
  const placed = withPodLabels({ ...body, metadata: { ...metadata, ...where, labels } }, stamp.labels);
  return { ...manifest, ref: refOf(placed), body: placed };
}

/** A label of the configuration never changes one that a selector may look for. */
function withPodLabels(body: KubernetesObject, labels: Stamp['labels']): KubernetesObject {
  const template = podTemplateOf(body);
  if (template === undefined || Object.keys(labels).length === 0) return body;
  const metadata = objectOf(template.metadata);
  const own = { ...template, metadata: { ...metadata, labels: { ...labels, ...objectOf(metadata.labels) } } };
  return withPodTemplate(body, own);
}

/**
 * Server-side apply keeps a key in `data` when it is dropped from `stringData` (kubernetes#70281 and seen on 1.36):
 * in `data` it goes.
 */
function encodeStringData(body: KubernetesObject): KubernetesObject {
  if (body.kind !== 'Secret' || !isObject(body.stringData)) return body;
  const { stringData, ...rest } = body;
  const encoded: Record<string, Json | undefined> = {};
  for (const [key, value] of Object.entries(stringData)) {
    encoded[key] = typeof value === 'string' ? Buffer.from(value, 'utf8').toString('base64') : value;
  }
  return { ...rest, data: { ...objectOf(rest.data), ...encoded } };
}

/** What the server calls `data` may stand under `stringData` in the file. */
function placesOfData({ body, lineOf, overrideOf }: Manifest): Pick<Manifest, 'lineOf' | 'overrideOf'> {
  const plain = body.kind === 'Secret' ? objectOf(body.stringData) : {};
  const inFile = (path: string): string => {
    const [first, key] = stepsIn(body, path);
    return first === 'data' && key !== undefined && key in plain ? path.replace('data', 'stringData') : path;
  };
  return {
    lineOf: (path) => lineOf(inFile(path)),
    ...(overrideOf === undefined ? {} : { overrideOf: (path) => overrideOf(inFile(path)) }),
  };
}

/** The workloads that an HPA of these manifests scales, as `group/kind/namespace/name`. */
function scaledWorkloads(manifests: readonly Manifest[]): ReadonlySet<string> {
  return new Set(manifests.flatMap(({ body }) => scaleTargetOf(body) ?? []));
}

/** The key of the workload that an HPA targets, or undefined for other objects. */
export function scaleTargetOf(body: KubernetesObject): string | undefined {
  if (body.kind !== 'HorizontalPodAutoscaler' || groupOf(body.apiVersion) !== 'autoscaling') return undefined;
  const target = objectOf(at(body, 'spec', 'scaleTargetRef'));
  const group = groupOf(stringOf(target.apiVersion) ?? 'apps/v1');
  return [group, stringOf(target.kind) ?? '', body.metadata.namespace ?? '', stringOf(target.name) ?? ''].join('/');
}

/** The HPA among manifests that scales a workload. */
export function scalerOf(body: KubernetesObject, manifests: readonly Manifest[]): KubernetesObject | undefined {
  const key = workloadKey(body);
  return manifests.find((one) => scaleTargetOf(one.body) === key)?.body;
}

/** The same key for a workload itself. */
export function workloadKey(body: KubernetesObject): string {
  return [groupOf(body.apiVersion), body.kind, body.metadata.namespace ?? '', body.metadata.name ?? ''].join('/');
}

/** An HPA owns the scale of its target: with `replicas` in our manifest every deploy would reset it (kubernetes#25238). */
export function withoutReplicas(body: KubernetesObject): KubernetesObject {
  if (!isObject(body.spec) || !('replicas' in body.spec)) return body;
  const { replicas: _, ...spec } = body.spec;
  return { ...body, spec };
}
