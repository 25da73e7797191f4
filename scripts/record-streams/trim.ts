import { at, isObject, type Json, type JsonObject } from '../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../src/model/object.ts';

/** What no rule reads and what is large, differs between two recordings, or tells where it was recorded. */
const dropped: ReadonlySet<string> = new Set([
  // metadata
  ...[
    'managedFields',
    'resourceVersion',
    'generateName',
    'selfLink',
    'blockOwnerDeletion',
    'deletionGracePeriodSeconds',
  ],
  // pods
  ...['volumes', 'volumeMounts', 'tolerations', 'schedulerName', 'dnsPolicy', 'securityContext', 'enableServiceLinks'],
  ...['preemptionPolicy', 'priority', 'serviceAccount', 'terminationGracePeriodSeconds', 'qosClass', 'imageID'],
  ...['terminationMessagePath', 'terminationMessagePolicy', 'imagePullPolicy', 'containerID', 'lastProbeTime'],
  ...['podIP', 'podIPs', 'hostIP', 'hostIPs', 'allocatedResources', 'successThreshold', 'timeoutSeconds', 'scheme'],
  ...['serviceAccountName', 'startTime'],
  // workloads
  ...['revisionHistoryLimit', 'collisionCount', 'podManagementPolicy', 'persistentVolumeClaimRetentionPolicy'],
  // Services
  ...['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy', 'sessionAffinity'],
  ...['allocateLoadBalancerNodePorts', 'externalTrafficPolicy', 'nodePort', 'addresses', 'addressType'],
  // Events: an instance is named after its host
  ...['reportingInstance', 'reportingComponent', 'host'],
  // a ControllerRevision's copy of the template
  'data',
]);

/** Conditions of pods that say nothing which the others don't. */
const droppedConditions: ReadonlySet<unknown> = new Set(['PodReadyToStartContainers', 'Initialized']);

/** Labels and annotations that repeat what stands elsewhere. */
const droppedMarks: ReadonlySet<string> = new Set([
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/job-tracking',
  'apps.kubernetes.io/pod-index',
  'statefulset.kubernetes.io/pod-name',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.daemonset.template.generation',
  'endpointslice.kubernetes.io/managed-by',
  'endpoints.kubernetes.io/last-change-trigger-time',
]);

/** The object without what is of no use to a reader of the stream. */
export function trim(object: KubernetesObject): KubernetesObject {
  const trimmed = trimValue(withoutTemplate(object));
  // The kinds that a rule reads have all three parts left.
  return isKubernetesObject(trimmed) ? trimmed : object;
}

/** The pods show it; what is left are the labels by which Services find a workload. */
function withoutTemplate(object: KubernetesObject): KubernetesObject {
  const { spec } = object;
  if (!isObject(spec) || !isObject(spec.template)) return object;
  const labels = at(spec, 'template', 'metadata', 'labels');
  if (object.kind !== 'ReplicaSet' && labels !== undefined) {
    return { ...object, spec: { ...spec, template: { metadata: { labels } } } };
  }
  const { template: _, ...rest } = spec;
  return { ...object, spec: rest };
}

function trimValue(value: Json): Json {
  if (Array.isArray(value)) {
    return value.filter((item: Json) => !droppedConditions.has(at(item, 'type'))).map((item: Json) => trimValue(item));
  }
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([key, item]): readonly (readonly [string, Json])[] =>
    item === undefined || dropped.has(key) || droppedMarks.has(key) || isEmpty(item) ? [] : [[key, trimValue(item)]],
  );
  const result: JsonObject = Object.fromEntries(kept);
  return result;
}

function isEmpty(value: Json): boolean {
  return value === null || (isObject(value) && Object.keys(value).length === 0);
}
