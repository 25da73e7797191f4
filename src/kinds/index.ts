import { groupOf, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import type { World } from '../model/world.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { externalSecret } from './external-secret.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { ingress } from './ingress.ts';
import { job } from './job.ts';
import type { Kind, WaveNumber } from './kind.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { pod } from './pod.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';
import { service } from './service.ts';
import { statefulSet } from './stateful-set.ts';

/** Kinds that need no rule of their own: applied is done. */
function plain(group: string, wave: WaveNumber, scope: 'namespaced' | 'cluster', kinds: readonly string[]): Kind[] {
  return kinds.map((kind) => ({ group, kind, wave, namespaced: scope === 'namespaced' }));
}

/** Every kind that the product knows. What is not listed is applied last and taken to be namespaced. */
export const kinds: readonly Kind[] = [
  deployment,
  statefulSet,
  daemonSet,
  job,
  pod,
  service,
  horizontalPodAutoscaler,
  ingress,
  persistentVolumeClaim,
  podDisruptionBudget,
  customResourceDefinition,
  externalSecret,
  ...plain('', 0, 'cluster', ['Namespace']),
  ...plain('scheduling.k8s.io', 1, 'cluster', ['PriorityClass']),
  ...plain('storage.k8s.io', 1, 'cluster', ['StorageClass', 'CSIDriver']),
  ...plain('', 1, 'namespaced', ['ResourceQuota', 'LimitRange', 'ServiceAccount']),
  ...plain('rbac.authorization.k8s.io', 1, 'namespaced', ['Role', 'RoleBinding']),
  ...plain('rbac.authorization.k8s.io', 1, 'cluster', ['ClusterRole', 'ClusterRoleBinding']),
  ...plain('networking.k8s.io', 1, 'namespaced', ['NetworkPolicy']),
  // Before the ExternalSecrets that read from them.
  ...plain('external-secrets.io', 1, 'namespaced', ['SecretStore']),
  ...plain('external-secrets.io', 1, 'cluster', ['ClusterSecretStore']),
  ...plain('generators.external-secrets.io', 1, 'namespaced', ['ECRAuthorizationToken', 'STSSessionToken', 'Password']),
  ...plain('external-secrets.io', 2, 'cluster', ['ClusterExternalSecret']),
  ...plain('', 2, 'cluster', ['PersistentVolume']),
  ...plain('', 2, 'namespaced', ['ConfigMap', 'Secret']),
  ...plain('', 3, 'namespaced', ['Endpoints']),
  ...plain('discovery.k8s.io', 3, 'namespaced', ['EndpointSlice']),
  ...plain('', 4, 'namespaced', ['ReplicationController']),
  ...plain('apps', 4, 'namespaced', ['ReplicaSet']),
  ...plain('batch', 4, 'namespaced', ['CronJob']),
  ...plain('networking.k8s.io', 1, 'cluster', ['IngressClass']),
  ...plain('apiregistration.k8s.io', 6, 'cluster', ['APIService']),
  ...plain('admissionregistration.k8s.io', 6, 'cluster', [
    'ValidatingWebhookConfiguration',
    'MutatingWebhookConfiguration',
  ]),
];

const lastWave: WaveNumber = 6;

const byKey: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [`${kind.group}/${kind.kind}`, kind]));

/** The rule of a kind, by group and kind, whatever the version. */
export function kindOf(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): Kind | undefined {
  return byKey.get(`${groupOf(ref.apiVersion)}/${ref.kind}`);
}

/** The pods of a workload's newest revision; none for other kinds. */
export function podsOf(live: KubernetesObject, world: World): readonly KubernetesObject[] {
  return kindOf(live)?.pods?.(live, world) ?? [];
}

/** All pods of a workload, those of older revisions too: a Deployment owns its pods through ReplicaSets. */
export function allPodsOf({ metadata }: KubernetesObject, world: World): readonly KubernetesObject[] {
  const uid = metadata.uid ?? '';
  const owners = [uid, ...world.ownedBy(uid, 'ReplicaSet').map((owned) => owned.metadata.uid ?? '')];
  return owners.flatMap((owner) => world.ownedBy(owner, 'Pod'));
}

/** Annotation that moves one object to another wave. */
export const waveAnnotation = 'oms-deploy.io/wave';

/** The wave of an object: its annotation, else its kind's. The annotation must be a whole number from 0 to 99. */
export function waveOf(object: KubernetesObject): number {
  const wanted = object.metadata.annotations?.[waveAnnotation];
  if (wanted !== undefined && /^\d{1,2}$/.test(wanted)) return Number(wanted);
  return kindOf(object)?.wave ?? lastWave;
}
