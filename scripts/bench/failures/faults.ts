import { stringify } from 'yaml';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { type Behavior, behaviorAnnotation } from '../../../src/sandbox/behavior.ts';
import { endedTwice, imageIsNotFound, keyIsMissing } from './signals.ts';

/** One way for a rollout to fail. */
export interface Fault {
  /** Part of the names of its namespaces. */
  readonly id: string;
  readonly title: string;
  /** The small application with this fault, as YAML documents. */
  readonly manifests: string;
  /** What must be seen in a pod to know that waiting is of no use. */
  readonly signal: string;
  readonly isSignalled: (pod: KubernetesObject) => boolean;
  /** What a line must say to name the cause, whoever prints it. */
  readonly cause: RegExp;
  /** The id of oms-deploy's finding. */
  readonly finding: string;
}

/** The Deployment that can't get ready; `catalog`, beside it, can. */
export const faulty = 'checkout';

export const faults: readonly Fault[] = [
  {
    id: 'image',
    title: 'image not found',
    manifests: application('image-not-found'),
    signal: 'the first pull that ends with "not found"',
    isSignalled: imageIsNotFound,
    cause: /checkout:1\.4\.3\b.*(?:does not exist|not found)/,
    finding: 'image/not-found',
  },
  {
    id: 'crash',
    title: 'crash loop',
    manifests: application('crash'),
    signal: 'the second end of the container (once may be chance)',
    isSignalled: endedTwice,
    cause: /exit code 1\b|CrashLoopBackOff/,
    finding: 'container/crash',
  },
  {
    id: 'key',
    title: 'missing secret key',
    manifests: application('missing-config-key'),
    signal: 'the first CreateContainerConfigError that names the key',
    isSignalled: keyIsMissing,
    cause: /checkout-db has no key password|find key password/,
    finding: 'config/missing',
  },
];

/** A Secret, a Deployment that reads it and behaves as `behavior` says, one that is healthy, and their Services. */
function application(behavior: Behavior): string {
  // The sandbox's kubelet doesn't look for the key itself: the Secret lacks it in the one case where it says so.
  const key = behavior === 'missing-config-key' ? 'username' : 'password';
  const objects = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'checkout-db' }, stringData: { [key]: 'example' } },
    ...workload(
      faulty,
      { [behaviorAnnotation]: behavior },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'checkout-db', key: 'password' } } },
    ),
    ...workload('catalog', {}, { name: 'LOG_LEVEL', value: 'info' }),
  ];
  return objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
}

function workload(name: string, annotations: JsonObject, variable: JsonObject): readonly JsonObject[] {
  const labels = { app: name };
  const container = {
    name,
    image: `example.com/${name}:1.4.3`,
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [variable],
    readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 1 },
  };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels, annotations }, spec: { containers: [container] } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    },
  ];
}
