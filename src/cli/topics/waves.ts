import type { Topic } from './topic.ts';

/** The waves of src/kinds/. */
export const wavesTopic: Topic = {
  lead: 'Objects are applied in waves, one after the other, those of one at once. The annotation oms-deploy.io/wave: "3" (0 to 99) moves one object. A wave waits only for what the next one needs; after the last one, up waits until everything is ready.',
  tables: [
    {
      head: ['wave', 'name', 'kinds'],
      rows: [
        ['0', 'namespace', 'Namespace, CustomResourceDefinition'],
        ['1', 'foundation', 'quotas, service accounts, RBAC, network policies, storage and priority classes'],
        ['2', 'config', 'ConfigMap, Secret, external secrets, volumes and claims'],
        ['3', 'services', 'Service, Endpoints, EndpointSlice'],
        ['4', 'workloads', 'Deployment, StatefulSet, DaemonSet, Job, CronJob, Pod'],
        ['5', 'scaling', 'HorizontalPodAutoscaler, PodDisruptionBudget'],
        ['6', 'edge', 'Ingress, webhooks, API services, and all other kinds'],
      ],
    },
  ],
};
