import { objectOf } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { deployment, name, object, service } from '../objects.ts';
import type { Scenario } from '../scenario.ts';
import type { Report, Stage } from '../stage.ts';

const deployments = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;
/** A Service is mostly deployed with the Deployment whose pods it selects. */
const beside = { also: [deployments] } as const;

const balanced = { type: 'LoadBalancer' };
const address = { loadBalancer: { ingress: [{ hostname: 'api-1234567890.us-east-1.elb.amazonaws.com' }] } };

export const serviceScenarios: readonly Scenario[] = [
  {
    id: 'service/ready-first-deploy',
    shows: 'The pods that it selects get ready.',
    manifests: [service(), deployment({})],
    ...beside,
  },
  {
    id: 'service/ready-after-pods',
    shows: 'It comes alone, before pods of an older deploy that are ready.',
    before: async (stage) => {
      await stage.apply(deployment({}));
      await stage.seconds(3);
    },
    manifests: [service()],
  },
  {
    id: 'service/ready-slow-pods',
    shows: 'The pods that it selects get ready after 10 s.',
    manifests: [service(), deployment({ behavior: 'slow-ready' }, { replicas: 1 })],
    ...beside,
  },
  {
    id: 'service/ready-zero-replicas',
    shows: 'The Deployment whose pods it selects has zero replicas.',
    manifests: [service(), deployment({}, { replicas: 0 })],
    ...beside,
  },
  {
    id: 'service/ready-load-balancer',
    shows: 'It gets the address of its load balancer after 5 s.',
    manifests: [service(balanced), deployment({}, { replicas: 1 })],
    ...beside,
    meanwhile: async (stage) => {
      await stage.seconds(5);
      await stage.status(service(), address);
    },
  },
  {
    id: 'service/progressing-unready',
    shows: 'Its pods do not get ready for 35 s: that is their own matter.',
    manifests: [service(), deployment({ behavior: 'never-ready' }, { replicas: 1 })],
    ...beside,
    seconds: 35,
  },
  {
    id: 'service/progressing-no-pods-yet',
    shows: 'No pod has the labels that it selects, for 20 s.',
    manifests: [service()],
    seconds: 20,
  },
  {
    id: 'service/progressing-load-balancer',
    shows: 'It has no address of its load balancer yet.',
    manifests: [service(balanced), deployment({}, { replicas: 1 })],
    ...beside,
    seconds: 6,
  },
  {
    id: 'service/failed-selector',
    shows: 'No pod has the labels that it selects: those of the Deployment beside it are others.',
    manifests: [service({ selector: { app: 'apo' } }), deployment({}, { replicas: 1 })],
    ...beside,
  },
];

const edge = object('networking.k8s.io/v1', 'Ingress', {
  ingressClassName: 'alb',
  defaultBackend: { service: { name, port: { number: 80 } } },
});

/** What the AWS Load Balancer Controller says; none runs in the sandbox. */
function says(stage: Stage, about: KubernetesObject, report: Omit<Report, 'by'>): Promise<void> {
  return stage.report(about, { ...report, by: 'ingress' });
}

const refusal = {
  type: 'Warning',
  reason: 'FailedBuildModel',
  message:
    "Failed build model due to couldn't auto-discover subnets: unable to resolve at least one subnet (0 match VPC and tags)",
} as const;

const done = { type: 'Normal', reason: 'SuccessfullyReconciled', message: 'Successfully reconciled' } as const;

/** Refused in vain, again and again, with the pauses of a controller that backs off. */
async function refuse(stage: Stage, pauses: readonly number[]): Promise<void> {
  for (const seconds of pauses) {
    await stage.seconds(seconds);
    await says(stage, edge, refusal);
  }
}

/** Built with another backend, a while ago. */
async function builtBefore(stage: Stage): Promise<void> {
  const defaultBackend = { service: { name: 'old', port: { number: 80 } } };
  await stage.apply({ ...edge, spec: { ...objectOf(edge.spec), defaultBackend } });
  await stage.status(edge, address);
  await says(stage, edge, done);
  await stage.seconds(7);
}

export const ingressScenarios: readonly Scenario[] = [
  {
    id: 'ingress/ready-address',
    shows: 'Its controller has built the load balancer after 4 s.',
    manifests: [edge],
    meanwhile: async (stage) => {
      await stage.seconds(4);
      await stage.status(edge, address);
      await says(stage, edge, done);
    },
  },
  {
    id: 'ingress/ready-after-refusals',
    shows: 'Its controller refuses three times, until the subnets have their tags.',
    manifests: [edge],
    meanwhile: async (stage) => {
      await refuse(stage, [1, 2, 4]);
      await stage.seconds(8);
      await says(stage, edge, done);
      await stage.status(edge, address);
    },
  },
  {
    id: 'ingress/ready-no-controller',
    shows: 'No controller of its class answers for 30 s: it is not waited for.',
    manifests: [edge],
  },
  {
    id: 'ingress/ready-changed',
    shows: 'It has an address and another backend now: its controller has nothing to object to.',
    before: builtBefore,
    manifests: [edge],
    meanwhile: async (stage) => {
      await stage.seconds(2);
      await says(stage, edge, { ...done, reason: 'Reconciled' });
    },
  },
  {
    id: 'ingress/ready-changed-in-silence',
    shows: 'It has an address and another backend now: its controller writes no events.',
    before: builtBefore,
    manifests: [edge],
  },
  {
    id: 'ingress/failed-changed',
    shows: 'It has an address, and another backend that its controller refuses for 30 s.',
    before: builtBefore,
    manifests: [edge],
    meanwhile: (stage) => refuse(stage, [1, 2, 4, 8, 16]),
  },
  {
    id: 'ingress/progressing-building',
    shows: 'Its controller has nothing to object to, and no address yet, for 35 s.',
    manifests: [edge],
    meanwhile: async (stage) => {
      await stage.seconds(1);
      await says(stage, edge, done);
    },
    seconds: 35,
  },
  {
    id: 'ingress/progressing-refused',
    shows: 'Its controller refuses for 15 s.',
    manifests: [edge],
    meanwhile: (stage) => refuse(stage, [1, 2, 4, 8]),
    seconds: 16,
  },
  {
    id: 'ingress/failed-refused',
    shows: 'Its controller refuses for 30 s.',
    manifests: [edge],
    meanwhile: (stage) => refuse(stage, [1, 2, 4, 8, 16]),
  },
];
