import { groupOf } from '../../model/object.ts';
import { didYouMean } from '../../model/suggest.ts';
import { retirementOf } from '../api-versions.ts';
import type { Rule } from '../rule.ts';

/** Where the kinds of Kubernetes' own that people write are served today (kubernetes.io/docs/reference/kubernetes-api). */
const homes: Readonly<Record<string, readonly string[]>> = {
  v1: [
    ...['ConfigMap', 'Endpoints', 'LimitRange', 'Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'Pod'],
    ...['PodTemplate', 'ReplicationController', 'ResourceQuota', 'Secret', 'Service', 'ServiceAccount'],
  ],
  'apps/v1': ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'batch/v1': ['CronJob', 'Job'],
  'networking.k8s.io/v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'policy/v1': ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'scheduling.k8s.io/v1': ['PriorityClass'],
  'storage.k8s.io/v1': ['StorageClass'],
};

export const manifestsUnknownKind: Rule = {
  id: 'manifests/unknown-kind',
  severity: 'error',
  summary: "a kind that its apiVersion of Kubernetes' own doesn't have: it is another's, or reads like one of its own",
  fix: 'Correct apiVersion or kind.',
  leftTo: 'server',
  run: ({ manifests, fields }) =>
    manifests.flatMap((manifest) => {
      const { apiVersion, kind } = manifest.ref;
      if (fields === undefined || retirementOf(apiVersion, kind) !== undefined) return [];
      const cause = `is of no kind of ${apiVersion}`;
      const home = Object.keys(homes).find((one) => homes[one]?.includes(kind) === true);
      // Kinds of other makers may be called as these are.
      const isOwn = Object.keys(homes).some((one) => groupOf(one) === groupOf(apiVersion));
      if (home !== undefined && isOwn && groupOf(home) !== groupOf(apiVersion))
        return [{ manifest, path: 'apiVersion', cause, fix: `Did you mean ${home}?` }];
      if (fields.typeOf(apiVersion, kind) !== undefined) return [];
      const near = didYouMean(kind, fields.kindsOf(apiVersion));
      // Others may be newer than what this program knows.
      return near === '' ? [] : [{ manifest, path: 'kind', cause, fix: near }];
    }),
};
