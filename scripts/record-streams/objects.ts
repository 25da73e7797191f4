import type { JsonObject } from '../../src/model/json.ts';
import type { KubernetesObject, ObjectMeta } from '../../src/model/object.ts';
import { type Behavior, behaviorAnnotation } from '../../src/sandbox/behavior.ts';

/** What the pods of a workload are like. */
export interface PodOptions {
  /** How they behave in the sandbox; by default they get ready after a short start. */
  readonly behavior?: Behavior;
  readonly version?: string;
  /** Without a readiness probe they must run for 10 s. */
  readonly probe?: boolean;
  readonly container?: JsonObject;
  readonly spec?: JsonObject;
  readonly labels?: ObjectMeta['labels'];
}

/** The name of the object that is judged, and of what belongs to it. */
export const name = 'api';
/** The image of its container, unless it has another version. */
export const image = imageOf('1.4.2');

const probe = { httpGet: { path: '/ready', port: 80 }, periodSeconds: 1, failureThreshold: 2 };

/** Metadata and spec of a pod. */
function podTemplate(options: PodOptions): { readonly metadata: ObjectMeta; readonly spec: JsonObject } {
  const { behavior, version = '1.4.2', probe: isProbed = true, container = {}, spec = {}, labels = {} } = options;
  return {
    metadata: {
      labels: { app: name, ...labels },
      ...(behavior === undefined ? {} : { annotations: { [behaviorAnnotation]: behavior } }),
    },
    spec: {
      containers: [
        {
          name,
          image: imageOf(version),
          ...(isProbed ? { readinessProbe: probe } : {}),
          ...container,
        },
      ],
      ...spec,
    },
  };
}

function imageOf(version: string): string {
  return `registry.example.com/${name}:${version}`;
}

/** Any object; the scenario's namespace is filled in. */
export function object(
  apiVersion: string,
  kind: string,
  spec?: JsonObject,
  metadata: ObjectMeta = {},
): KubernetesObject {
  return { apiVersion, kind, metadata: { name, ...metadata }, ...(spec === undefined ? {} : { spec }) };
}

const selector = { matchLabels: { app: name } };

/** A Deployment, with 2 replicas unless `spec` says another number. */
export function deployment(pods: PodOptions, spec: JsonObject = {}): KubernetesObject {
  return object('apps/v1', 'Deployment', { replicas: 2, selector, template: podTemplate(pods), ...spec });
}

export function statefulSet(pods: PodOptions, spec: JsonObject = {}): KubernetesObject {
  const own = { replicas: 2, serviceName: name, selector, template: podTemplate(pods), ...spec };
  return object('apps/v1', 'StatefulSet', own);
}

export function daemonSet(pods: PodOptions, spec: JsonObject = {}): KubernetesObject {
  return object('apps/v1', 'DaemonSet', { selector, template: podTemplate(pods), ...spec });
}

/** A Job whose pods are not started again in place unless they say so. */
export function job(pods: PodOptions, spec: JsonObject = {}): KubernetesObject {
  const template = podTemplate({ ...pods, probe: false, spec: { restartPolicy: 'Never', ...pods.spec } });
  return object('batch/v1', 'Job', { template, ...spec });
}

export function pod(options: PodOptions): KubernetesObject {
  const { metadata, spec } = podTemplate(options);
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...metadata }, spec };
}

export function service(spec: JsonObject = {}): KubernetesObject {
  return object('v1', 'Service', { selector: { app: name }, ports: [{ port: 80 }], ...spec });
}

/** So many pods and no more. */
export function quota(pods: number): KubernetesObject {
  return object('v1', 'ResourceQuota', { hard: { pods: String(pods) } }, { name: 'small' });
}
