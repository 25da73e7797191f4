import type { JsonObject } from '../../../src/model/json.ts';
import { drainFinalizer } from './kubelet.ts';
import { needsOf, type RolloutPlan, type WorkloadPlan } from './plan.ts';
import { image } from './steps.ts';

/** Where workloads of a kind live in the API. */
export const resources = {
  Deployment: '/apis/apps/v1',
  StatefulSet: '/apis/apps/v1',
  DaemonSet: '/apis/apps/v1',
  Job: '/apis/batch/v1',
} as const;

/** The label of the nodes that a rollout has for itself. */
export const nodeLabel = 'test.oms-deploy.io/rollout';

/** The manifests of a rollout. */
export function manifestsOf(plan: RolloutPlan): readonly JsonObject[] {
  return plan.workloads.flatMap((workload) => [
    workloadObject(workload, plan),
    ...(workload.extras.service ? [serviceOf(workload)] : []),
    ...(workload.extras.hpa ? [hpaOf(workload)] : []),
  ]);
}

/** The revision before, where the plan has one: its pods behave as the tag says. */
export function objectBefore(workload: WorkloadPlan, plan: RolloutPlan): JsonObject | undefined {
  const { before } = workload;
  if (before === 'nothing' || before === 'same') return undefined;
  return workloadObject({ ...workload, pods: { tag: before === 'good' ? '1.4.1' : before } }, plan);
}

function workloadObject(workload: WorkloadPlan, plan: RolloutPlan): JsonObject {
  const { name, kind, replicas, extras } = workload;
  const apiVersion = resources[kind].replace('/apis/', '');
  const spec = { selector: { matchLabels: { app: name } }, template: templateOf(workload, plan) };
  const metadata = { name };
  const minReadySeconds = extras.minReadySeconds === 0 ? {} : { minReadySeconds: extras.minReadySeconds };
  // An ordered StatefulSet never replaces a pod that fails: that is Kubernetes' own rule, and no matter of the wait.
  const policy = workload.before === 'good' || workload.before === 'nothing' ? 'OrderedReady' : 'Parallel';
  switch (kind) {
    case 'Deployment': {
      const strategy = extras.recreate ? { strategy: { type: 'Recreate' } } : {};
      return { apiVersion, kind, metadata, spec: { ...spec, replicas, ...minReadySeconds, ...strategy } };
    }
    case 'StatefulSet': {
      const own = { replicas, serviceName: name, podManagementPolicy: policy };
      return { apiVersion, kind, metadata, spec: { ...spec, ...own, ...minReadySeconds } };
    }
    case 'DaemonSet':
      return { apiVersion, kind, metadata, spec: { ...spec, ...minReadySeconds } };
    case 'Job': {
      // A pod that a drain takes away counts as one that has failed (job controller, pastBackoffLimitOnFailure): of a Job
      // that is to end well restarts and drains together must not reach the limit of 6.
      const patience = 'script' in workload.pods ? { backoffLimit: 30 } : {};
      const own = { completions: replicas, parallelism: 2, ...patience };
      return { apiVersion, kind, metadata, spec: { template: spec.template, ...own } };
    }
  }
}

function templateOf({ name, kind, pods, probe, extras }: WorkloadPlan, plan: RolloutPlan): JsonObject {
  const isPlayed = 'script' in pods;
  const hasInit = isPlayed && needsOf(pods.script) === 'init';
  const readinessProbe = { httpGet: { path: '/ready', port: 80 }, periodSeconds: 1, failureThreshold: 2 };
  const app = {
    name: 'app',
    image: isPlayed ? image : `registry.example.com/team/app:${pods.tag}`,
    resources: { requests: { cpu: '100m' } },
    ...(probe ? { readinessProbe } : {}),
  };
  return {
    metadata: {
      labels: { app: name },
      ...(isPlayed ? { annotations: { 'sandbox.oms-deploy.io/behavior': 'manual' } } : {}),
      ...(extras.drain ? { finalizers: [drainFinalizer] } : {}),
    },
    spec: {
      nodeSelector: { [nodeLabel]: String(plan.number) },
      ...(kind === 'Job' ? { restartPolicy: 'OnFailure' } : {}),
      ...(hasInit ? { initContainers: [{ name: 'migrate', image: 'registry.example.com/team/migrate:1.4.2' }] } : {}),
      containers: [app, ...(extras.sidecar ? [{ name: 'proxy', image: 'registry.example.com/team/proxy:2' }] : [])],
    },
  };
}

function serviceOf({ name }: WorkloadPlan): JsonObject {
  const spec = { selector: { app: name }, ports: [{ name: 'http', port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec };
}

function hpaOf({ name, replicas }: WorkloadPlan): JsonObject {
  const target = { type: 'Utilization', averageUtilization: 70 };
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name },
    spec: {
      minReplicas: replicas,
      maxReplicas: replicas + 2,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
    },
  };
}

/** A node of a rollout, as the sandbox's own are. */
export function nodeObject(name: string, plan: RolloutPlan): JsonObject {
  const capacity = { cpu: '16', memory: '64Gi', pods: '110', 'ephemeral-storage': '100Gi' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        [nodeLabel]: String(plan.number),
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
      },
    },
    status: { allocatable: capacity, capacity },
  };
}
