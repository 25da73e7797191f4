import type { JsonObject } from '../../../../src/model/json.ts';

/** The API server's clock in these tests. */
export const nowMs = Date.parse('2026-03-01T12:00:00Z');

/** A timestamp of the API, so many minutes before now. */
export function ago(minutes: number): string {
  return new Date(nowMs - minutes * 60_000).toISOString();
}

export const namespace = 'shop';

/** The API version of each kind, and whether the manifests declare its objects. */
export const kinds: Readonly<Record<string, readonly [apiVersion: string, origin: 'declared' | 'live' | 'cluster']>> = {
  ConfigMap: ['v1', 'declared'],
  Secret: ['v1', 'declared'],
  Service: ['v1', 'declared'],
  ServiceAccount: ['v1', 'declared'],
  Deployment: ['apps/v1', 'declared'],
  StatefulSet: ['apps/v1', 'declared'],
  CronJob: ['batch/v1', 'declared'],
  Job: ['batch/v1', 'declared'],
  Ingress: ['networking.k8s.io/v1', 'declared'],
  HorizontalPodAutoscaler: ['autoscaling/v2', 'declared'],
  PodDisruptionBudget: ['policy/v1', 'declared'],
  ExternalSecret: ['external-secrets.io/v1', 'declared'],
  Pod: ['v1', 'live'],
  Event: ['v1', 'live'],
  ResourceQuota: ['v1', 'live'],
  NetworkPolicy: ['networking.k8s.io/v1', 'live'],
  ReplicaSet: ['apps/v1', 'live'],
  EndpointSlice: ['discovery.k8s.io/v1', 'live'],
  PodMetrics: ['metrics.k8s.io/v1beta1', 'live'],
  Namespace: ['v1', 'cluster'],
  Node: ['v1', 'cluster'],
  APIService: ['apiregistration.k8s.io/v1', 'cluster'],
  IngressClass: ['networking.k8s.io/v1', 'cluster'],
  ValidatingWebhookConfiguration: ['admissionregistration.k8s.io/v1', 'cluster'],
};

const labels = { app: 'web' };

/** The one container of the application. */
export const container: JsonObject = {
  name: 'web',
  image: 'registry.example/web:1.4',
  ports: [{ name: 'http', containerPort: 8080 }],
  env: [
    { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key: 'level' } } },
    { name: 'GREETING', value: 'hello' },
  ],
  resources: { requests: { cpu: '100m', memory: '100Mi' }, limits: { cpu: '500m', memory: '200Mi' } },
  lifecycle: { preStop: { sleep: { seconds: 20 } } },
};

/** A healthy application: every check of doctor has something to look at and nothing to say. */
export const healthy: Readonly<Record<string, JsonObject>> = {
  'Namespace shop': { metadata: { labels: { team: 'orders' } }, status: { phase: 'Active' } },
  'Node node-1': { metadata: { labels: { 'kubernetes.io/arch': 'arm64' } } },
  'IngressClass alb': {},
  'APIService v1beta1.metrics.k8s.io': { status: { conditions: [{ type: 'Available', status: 'True' }] } },
  'ConfigMap settings': {
    metadata: { managedFields: [{ time: ago(120), fieldsV1: { 'f:data': {} } }] },
    data: { level: 'Information' },
  },
  'Secret credentials': { data: { password: '' } },
  'ServiceAccount web': {},
  'Deployment web': {
    metadata: { generation: 1, labels, annotations: { 'deployment.kubernetes.io/revision': '1' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container], terminationGracePeriodSeconds: 60 } },
    },
    status: { observedGeneration: 1, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 },
  },
  'ReplicaSet web-7f9d': {
    metadata: {
      annotations: { 'deployment.kubernetes.io/revision': '1' },
      ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'Deployment web' }],
    },
  },
  'Pod web-a': pod(),
  'Pod web-b': pod(),
  'Service web': { spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 'http' }] } },
  'EndpointSlice web-1': slice('web'),
  'Ingress web': {
    metadata: { annotations: { 'alb.ingress.kubernetes.io/target-type': 'ip' } },
    spec: { ingressClassName: 'alb', rules: [rule('web', { number: 80 })] },
    status: { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } },
  },
  'HorizontalPodAutoscaler web': {
    spec: {
      maxReplicas: 4,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [utilization('cpu'), utilization('memory')],
    },
  },
  'PodDisruptionBudget web': {
    metadata: { generation: 1 },
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    status: { observedGeneration: 1, expectedPods: 2, currentHealthy: 2, disruptionsAllowed: 1 },
  },
  'ExternalSecret credentials': { status: { conditions: [{ type: 'Ready', status: 'True' }] } },
  'ResourceQuota limits': { status: { hard: { pods: '10', 'limits.memory': '2Gi' }, used: { pods: '2' } } },
  'PodMetrics web-a': usage('30m', '100Mi'),
  'PodMetrics web-b': usage('45m', '110Mi'),
  'EndpointSlice policy-1': slice('policy'),
  'ValidatingWebhookConfiguration policy': { webhooks: [webhook({})] },
};

function pod(): JsonObject {
  return {
    metadata: { labels, ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7f9d', uid: 'ReplicaSet web-7f9d' }] },
    spec: { nodeName: 'node-1', containers: [container] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [running()] },
  };
}

/** A container's status: it runs for an hour. */
export function running(more: JsonObject = {}): JsonObject {
  const state = { running: { startedAt: ago(60) } };
  return { name: 'web', ready: true, restartCount: 0, imageID: 'registry.example/web@sha256:aaa', state, ...more };
}

function slice(service: string): JsonObject {
  return {
    metadata: { labels: { 'kubernetes.io/service-name': service } },
    endpoints: [{ conditions: { ready: true } }],
  };
}

/** A rule of an Ingress with one backend. */
export function rule(service: string, port: JsonObject, host?: string): JsonObject {
  const paths = [{ path: '/', pathType: 'Prefix', backend: { service: { name: service, port } } }];
  return { ...(host === undefined ? {} : { host }), http: { paths } };
}

function utilization(name: string): JsonObject {
  return { type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization: 70 } } };
}

/** What a pod's container uses. */
export function usage(cpu: string, memory: string): JsonObject {
  return { containers: [{ name: 'web', usage: { cpu, memory } }] };
}

/** A webhook that is asked about every Deployment. */
export function webhook(more: JsonObject): JsonObject {
  return {
    name: 'check.policy.example',
    failurePolicy: 'Fail',
    clientConfig: { service: { namespace, name: 'policy' } },
    rules: [{ apiGroups: ['apps'], resources: ['deployments'], operations: ['CREATE', 'UPDATE'] }],
    ...more,
  };
}
