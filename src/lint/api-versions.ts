/** An apiVersion that Kubernetes stops to serve. Minor versions of 1. */
interface Retired {
  /** The kinds; absent: all of this apiVersion. */
  readonly kinds?: readonly string[];
  readonly deprecated: number;
  readonly removed: number;
  /** What to write instead; absent: nothing takes its place. */
  readonly instead?: string;
}

const admission = 'admissionregistration.k8s.io';
const workloads = ['Deployment', 'DaemonSet', 'ReplicaSet', 'StatefulSet', 'ControllerRevision'];

/** From the Kubernetes deprecation guide (kubernetes.io/docs/reference/using-api/deprecation-guide), by apiVersion. */
const retired: Readonly<Record<string, readonly Retired[]>> = {
  'extensions/v1beta1': [
    { kinds: ['Deployment', 'DaemonSet', 'ReplicaSet'], deprecated: 9, removed: 16, instead: 'apps/v1' },
    { kinds: ['NetworkPolicy'], deprecated: 9, removed: 16, instead: 'networking.k8s.io/v1' },
    { kinds: ['PodSecurityPolicy'], deprecated: 10, removed: 16 },
    { kinds: ['Ingress'], deprecated: 14, removed: 22, instead: 'networking.k8s.io/v1' },
  ],
  'apps/v1beta1': [{ kinds: workloads, deprecated: 9, removed: 16, instead: 'apps/v1' }],
  'apps/v1beta2': [{ kinds: workloads, deprecated: 9, removed: 16, instead: 'apps/v1' }],
  'networking.k8s.io/v1beta1': [
    { kinds: ['Ingress', 'IngressClass'], deprecated: 19, removed: 22, instead: 'networking.k8s.io/v1' },
    { kinds: ['IPAddress', 'ServiceCIDR'], deprecated: 34, removed: 37, instead: 'networking.k8s.io/v1' },
  ],
  'batch/v1beta1': [{ kinds: ['CronJob'], deprecated: 21, removed: 25, instead: 'batch/v1' }],
  'batch/v2alpha1': [{ kinds: ['CronJob'], deprecated: 8, removed: 21, instead: 'batch/v1' }],
  'policy/v1beta1': [
    { kinds: ['PodDisruptionBudget'], deprecated: 21, removed: 25, instead: 'policy/v1' },
    { kinds: ['PodSecurityPolicy'], deprecated: 21, removed: 25 },
  ],
  'autoscaling/v2beta1': [{ deprecated: 23, removed: 25, instead: 'autoscaling/v2' }],
  'autoscaling/v2beta2': [{ deprecated: 23, removed: 26, instead: 'autoscaling/v2' }],
  'rbac.authorization.k8s.io/v1alpha1': [{ deprecated: 17, removed: 22, instead: 'rbac.authorization.k8s.io/v1' }],
  'rbac.authorization.k8s.io/v1beta1': [{ deprecated: 17, removed: 22, instead: 'rbac.authorization.k8s.io/v1' }],
  'apiextensions.k8s.io/v1beta1': [{ deprecated: 16, removed: 22, instead: 'apiextensions.k8s.io/v1' }],
  [`${admission}/v1beta1`]: [
    {
      kinds: ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'],
      deprecated: 16,
      removed: 22,
      instead: `${admission}/v1`,
    },
    {
      kinds: ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
      deprecated: 31,
      removed: 34,
      instead: `${admission}/v1`,
    },
  ],
  'apiregistration.k8s.io/v1beta1': [{ deprecated: 19, removed: 22, instead: 'apiregistration.k8s.io/v1' }],
  'authentication.k8s.io/v1beta1': [
    { kinds: ['TokenReview'], deprecated: 19, removed: 22, instead: 'authentication.k8s.io/v1' },
  ],
  'authorization.k8s.io/v1beta1': [{ deprecated: 19, removed: 22, instead: 'authorization.k8s.io/v1' }],
  'certificates.k8s.io/v1beta1': [
    { kinds: ['CertificateSigningRequest'], deprecated: 19, removed: 22, instead: 'certificates.k8s.io/v1' },
  ],
  'coordination.k8s.io/v1beta1': [{ kinds: ['Lease'], deprecated: 19, removed: 22, instead: 'coordination.k8s.io/v1' }],
  'scheduling.k8s.io/v1beta1': [
    { kinds: ['PriorityClass'], deprecated: 14, removed: 22, instead: 'scheduling.k8s.io/v1' },
  ],
  'scheduling.k8s.io/v1alpha1': [
    { kinds: ['PriorityClass'], deprecated: 14, removed: 17, instead: 'scheduling.k8s.io/v1' },
  ],
  'storage.k8s.io/v1beta1': [
    {
      kinds: ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'],
      deprecated: 19,
      removed: 22,
      instead: 'storage.k8s.io/v1',
    },
    { kinds: ['CSIStorageCapacity'], deprecated: 24, removed: 27, instead: 'storage.k8s.io/v1' },
  ],
  'discovery.k8s.io/v1beta1': [
    { kinds: ['EndpointSlice'], deprecated: 21, removed: 25, instead: 'discovery.k8s.io/v1' },
  ],
  'events.k8s.io/v1beta1': [{ kinds: ['Event'], deprecated: 22, removed: 25, instead: 'events.k8s.io/v1' }],
  'node.k8s.io/v1beta1': [{ kinds: ['RuntimeClass'], deprecated: 20, removed: 25, instead: 'node.k8s.io/v1' }],
  'flowcontrol.apiserver.k8s.io/v1beta1': [{ deprecated: 23, removed: 26, instead: 'flowcontrol.apiserver.k8s.io/v1' }],
  'flowcontrol.apiserver.k8s.io/v1beta2': [{ deprecated: 26, removed: 29, instead: 'flowcontrol.apiserver.k8s.io/v1' }],
  'flowcontrol.apiserver.k8s.io/v1beta3': [{ deprecated: 29, removed: 32, instead: 'flowcontrol.apiserver.k8s.io/v1' }],
};

/** What is known of the end of a kind's apiVersion; undefined for one that stays. */
export function retirementOf(apiVersion: string, kind: string): Retired | undefined {
  return retired[apiVersion]?.find(({ kinds }) => kinds === undefined || kinds.includes(kind));
}
