import { podTemplateOf } from '../manifests/pod-template.ts';
import { arrayOf, isObject, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject } from '../model/object.ts';
import { formatFieldChange } from '../model/plan.ts';
import type { Problem } from '../model/readiness.ts';
import { conceal } from './conceal.ts';
import { diffObjects } from './diff.ts';

/**
 * Somebody else gave the workload another pod template while we waited: the pods that get ready are not ours, and a
 * deploy must not call that a success. A scale by an HPA or by hand, and `kubectl rollout restart`, are no such thing.
 *
 * @param applied the object as the API server answered our apply, or as the plan saw it where it needed none.
 */
export function replacedBy(manifest: Manifest, live: KubernetesObject, applied: KubernetesObject): Problem | undefined {
  if (live.metadata.generation === applied.metadata.generation) return undefined;
  const changes = conceal(diffObjects(withTemplateOnly(applied), withTemplateOnly(live)), manifest);
  if (changes.length === 0) return undefined;
  return {
    id: 'rollout/replaced',
    cause: `${writerSince(applied, live)} changed it again meanwhile: what runs is not what this run deployed`,
    fix: 'Find out who else deploys here; to put yours back, run the same command again.',
    evidence: changes.slice(0, 3).map((change) => formatFieldChange(change, 60)),
    certain: true,
  };
}

const restartedAt = 'kubectl.kubernetes.io/restartedAt';

function withTemplateOnly(object: KubernetesObject): KubernetesObject {
  const template = objectOf(podTemplateOf(object));
  const metadata = objectOf(template.metadata);
  const { [restartedAt]: _, ...annotations } = objectOf(metadata.annotations);
  const bare: JsonObject = { spec: template.spec ?? {}, metadata: { labels: metadata.labels ?? {}, annotations } };
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: {}, spec: { template: bare } };
}

/** The manager that has written since, status and scale aside. The API's times are too coarse to tell. */
function writerSince(applied: KubernetesObject, live: KubernetesObject): string {
  const before = new Set(writesOf(applied).map((entry) => JSON.stringify(entry)));
  const since = writesOf(live).filter((entry) => !before.has(JSON.stringify(entry)));
  const managers = since.map(({ manager }) => stringOf(manager) ?? 'somebody');
  // The Deployment controller writes the revision behind everybody.
  return (
    managers.find((manager) => !/^(oms-deploy|kube-controller-manager)$/.test(manager)) ?? 'another run of oms-deploy'
  );
}

function writesOf({ metadata }: KubernetesObject): readonly JsonObject[] {
  return arrayOf(metadata.managedFields)
    .filter(isObject)
    .filter(({ subresource }) => subresource === undefined);
}
