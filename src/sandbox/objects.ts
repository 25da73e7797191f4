import { DeployError } from '../errors.ts';
import { at, type JsonObject, stringOf } from '../model/json.ts';
import type { ApiClient } from './api.ts';

const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const capacity = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };

/** Creates what an EKS cluster has before anyone deploys to it, but for nodes: classes, a metrics API. */
export async function createClusterObjects(api: ApiClient, metricsPort: number): Promise<void> {
  await Promise.all([
    create(api, '/apis/networking.k8s.io/v1/ingressclasses', ingressClass()),
    create(api, '/apis/storage.k8s.io/v1/storageclasses', storageClass()),
    create(api, '/api/v1/namespaces/kube-system/services', metricsService(metricsPort)),
    create(api, '/apis/apiregistration.k8s.io/v1/apiservices', metricsApiService(metricsPort)),
  ]);
}

/** Creates the nodes that kwok plays, in three zones. */
export async function createPlayedNodes(api: ApiClient): Promise<void> {
  const nodes = zones.map((zone, index) => node(zone, index));
  await Promise.all(nodes.map((body) => create(api, '/api/v1/nodes', body)));
}

/** Lets pods call the API server by its Service: nothing else gives `kubernetes` an endpoint. */
export async function createApiEndpoint(api: ApiClient, address: string, port: number): Promise<void> {
  await create(api, '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  });
}

async function create(api: ApiClient, path: string, body: JsonObject): Promise<void> {
  const answer = await api.call('POST', path, body);
  if (answer.status < 300) return;
  throw new DeployError('failed', `The sandbox could not create its ${stringOf(body['kind'])}.`, {
    why: stringOf(at(answer.body, 'message')) ?? `HTTP ${answer.status}`,
  });
}

function node(zone: string, index: number): JsonObject {
  const name = `node-${zone}`;
  const podCIDR = `10.244.${index}.0/24`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'm6i.4xlarge',
        'topology.kubernetes.io/region': 'us-east-1',
        'topology.kubernetes.io/zone': zone,
      },
    },
    spec: { podCIDR, podCIDRs: [podCIDR], providerID: `aws:///${zone}/i-sandbox${index}` },
    status: { allocatable: capacity, capacity },
  };
}

/** The class that the AWS Load Balancer Controller makes. No controller serves it here: an Ingress gets no address. */
function ingressClass(): JsonObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'alb' },
    spec: { controller: 'ingress.k8s.aws/alb' },
  };
}

function storageClass(): JsonObject {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
    provisioner: 'ebs.csi.aws.com',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  };
}

/** The aggregator finds our metrics server by this name: an ExternalName Service is resolved by the host itself. */
function metricsService(port: number): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metrics-server', namespace: 'kube-system' },
    spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ name: 'https', port }] },
  };
}

function metricsApiService(port: number): JsonObject {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      insecureSkipTLSVerify: true,
      service: { name: 'metrics-server', namespace: 'kube-system', port },
    },
  };
}
