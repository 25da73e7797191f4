import { countOf } from '../../model/age.ts';
import type { Finding, Severity } from '../../model/finding.ts';
import { arrayOf, at, stringOf } from '../../model/json.ts';
import { formatRef, groupOf, type KubernetesObject, refOf } from '../../model/object.ts';

/** Who takes a finalizer away, and what to look at where it stays. */
interface Holder {
  readonly who: string;
  readonly look: string;
}

const loadBalancerController: Holder = {
  who: 'the AWS Load Balancer Controller takes it away once it has deleted the load balancer with its target and security groups',
  look: 'Check that it runs, and what its log says: kubectl -n kube-system logs deployment/aws-load-balancer-controller.',
};

const secretsOperator: Holder = {
  who: 'the External Secrets Operator takes it away',
  look: 'Check that the External Secrets Operator runs, and what its log says.',
};

/** A key ends with `/` where only the beginning of the finalizer is known. */
const holders: Readonly<Record<string, Holder>> = {
  'ingress.k8s.aws/resources': loadBalancerController,
  'group.ingress.k8s.aws/': loadBalancerController,
  'elbv2.k8s.aws/resources': loadBalancerController,
  'service.k8s.aws/resources': loadBalancerController,
  'gateway.k8s.aws/': loadBalancerController,
  'service.kubernetes.io/load-balancer-cleanup': {
    who: 'the cloud controller takes it away once it has deleted the load balancer',
    look: 'Check the events of the Service (kubectl describe service), and that the cloud controller runs.',
  },
  'kubernetes.io/pvc-protection': {
    who: 'Kubernetes takes it away once no pod uses the claim any more',
    look: 'End the pods that use it: kubectl describe pvc names them.',
  },
  'kubernetes.io/pv-protection': {
    who: 'Kubernetes takes it away once no claim is bound to the volume any more',
    look: 'Delete the claim that is bound to it.',
  },
  'external-attacher/': {
    who: 'the CSI driver takes it away once the volume is detached from its node',
    look: 'Check that the pods of the CSI driver run, and that the node is reachable.',
  },
  'snapshot.storage.kubernetes.io/': {
    who: 'the snapshot controller takes it away once no snapshot is being made of it',
    look: 'Check the VolumeSnapshots, and that the snapshot controller runs.',
  },
  foregroundDeletion: {
    who: 'Kubernetes takes it away once everything that it owns is gone, its pods first',
    look: 'Look for pods that do not end: kubectl get pods.',
  },
  orphan: {
    who: 'Kubernetes takes it away once what it owns has been let go',
    look: 'Check that the kube-controller-manager runs.',
  },
  'batch.kubernetes.io/job-tracking': {
    who: 'the Job controller takes it away once it has counted the pod',
    look: 'Check that the kube-controller-manager runs.',
  },
  'customresourcecleanup.apiextensions.k8s.io': {
    who: 'Kubernetes takes it away once all objects of this kind are gone, in every namespace',
    look: 'Look for objects of this kind that have finalizers.',
  },
  'externalsecrets.external-secrets.io/': secretsOperator,
  'secretstore.external-secrets.io/': secretsOperator,
  'finalizer.acme.cert-manager.io': { who: 'cert-manager takes it away', look: 'Check that cert-manager runs.' },
  'resources-finalizer.argocd.argoproj.io': { who: 'Argo CD takes it away', look: 'Check that Argo CD runs.' },
};

/** Who takes a finalizer away. Of an unknown one only its name tells that. */
function holderOf(finalizer: string): Holder {
  const prefix = Object.keys(holders).find((key) => key.endsWith('/') && finalizer.startsWith(key));
  const known = holders[finalizer] ?? (prefix === undefined ? undefined : holders[prefix]);
  if (known !== undefined) return known;
  return {
    who: 'only the controller that has set it takes it away',
    look: `Find the controller that sets ${finalizer}, and let it run.`,
  };
}

/** The finalizers that keep an object. */
export function finalizersOf({ metadata }: KubernetesObject): readonly string[] {
  return arrayOf(metadata.finalizers).flatMap((name) => stringOf(name) ?? []);
}

const force =
  'Only where that controller is gone for good: the same command with --remove-finalizers; what it manages, in AWS too, may be left behind.';

/** Why an object that was deleted is still there. */
export function heldFinding(object: KubernetesObject, severity: Severity): Finding {
  const ref = refOf(object);
  const finalizers = finalizersOf(object);
  if (finalizers.length === 0) {
    return {
      id: 'cleanup/ending',
      severity,
      object: ref,
      cause: `${formatRef(ref)} is still ending: no finalizer holds it.`,
      evidence: [],
      fix: 'Wait for it: run the same command again. A pod on a node that is gone ends with its node.',
    };
  }
  const known = finalizers.map((finalizer) => ({ finalizer, ...holderOf(finalizer) }));
  return {
    id: 'cleanup/finalizer',
    severity,
    object: ref,
    cause: `${formatRef(ref)} is being deleted, and ${countOf(finalizers.length, 'finalizer')} ${finalizers.length === 1 ? 'holds' : 'hold'} it: ${finalizers.join(', ')}.`,
    evidence: known.map(({ finalizer, who }) => `${finalizer}: ${who}`),
    fix: [...new Set(known.map(({ look }) => look)), force].join(' '),
  };
}

/** The same in a few words, for a line of progress. */
export function heldBy(object: KubernetesObject): string {
  const finalizers = finalizersOf(object);
  if (finalizers.length > 0) return `held by ${finalizers.join(', ')}`;
  const why = trueConditions(object).map(({ words }) => words);
  return why.length === 0 ? 'ending' : `ending: ${why.join(', ')}`;
}

/** The conditions of a namespace that is being deleted, in plain words. */
const conditions: Readonly<Record<string, string>> = {
  NamespaceDeletionDiscoveryFailure: 'the cluster cannot say which kinds it serves: an aggregated API does not answer',
  NamespaceDeletionGroupVersionParsingFailure: 'an API is registered under a name that cannot be read',
  NamespaceDeletionContentFailure: 'something in it cannot be deleted: a webhook or an API refuses',
  NamespaceContentRemaining: 'objects are left in it',
  NamespaceFinalizersRemaining: 'finalizers hold objects in it',
};

/** What the namespace controller says keeps a namespace. */
export function conditionsOf(namespace: KubernetesObject): readonly string[] {
  return trueConditions(namespace).map(({ words, message }) => `${words}: ${message}`);
}

interface Condition {
  readonly type: string;
  readonly words: string;
  readonly message: string;
}

function trueConditions(namespace: KubernetesObject): readonly Condition[] {
  return arrayOf(at(namespace, 'status', 'conditions')).flatMap((condition) => {
    const type = stringOf(at(condition, 'type')) ?? '';
    const words = conditions[type];
    if (words === undefined || at(condition, 'status') !== 'True') return [];
    return [{ type, words, message: stringOf(at(condition, 'message')) ?? '' }];
  });
}

const shownObjects = 20;

/** Why a namespace that was deleted is still there: a finding for it, and one per object that finalizers hold in it. */
export function namespaceFindings(
  namespace: KubernetesObject,
  remaining: readonly KubernetesObject[],
  severity: Severity,
): readonly Finding[] {
  const ref = refOf(namespace);
  const held = remaining.filter((object) => finalizersOf(object).length > 0);
  const named = remaining.slice(0, shownObjects).map((object) => `${nameIn(object)}: ${heldBy(object)}`);
  const more = remaining.length - named.length;
  const isApi = trueConditions(namespace).some(({ type }) => type === 'NamespaceDeletionDiscoveryFailure');
  return [
    {
      id: 'cleanup/namespace',
      severity,
      object: ref,
      cause: `${formatRef(ref)} is still being deleted: ${remaining.length === 0 ? 'nothing that may be listed is left in it' : `${countOf(remaining.length, 'object')} ${remaining.length === 1 ? 'is' : 'are'} left in it`}.`,
      evidence: [...conditionsOf(namespace), ...named, ...(more > 0 ? [`and ${countOf(more, 'more object')}`] : [])],
      fix: isApi
        ? 'Repair the API that does not answer, or delete its registration: kubectl get apiservices says which is not available.'
        : 'Let go what holds its objects; the namespace ends by itself then.',
    },
    ...held.slice(0, shownObjects).map((object) => heldFinding(object, severity)),
  ];
}

function nameIn(object: KubernetesObject): string {
  const group = groupOf(object.apiVersion);
  return `${object.kind}${group === '' ? '' : `.${group}`} ${object.metadata.name ?? ''}`;
}
