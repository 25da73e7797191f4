import { fieldManager } from '../cluster/cluster.ts';
import type { Json, JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import {
  hasField,
  isOwnApply,
  type ManagedFields,
  managedFieldsOf,
  unionFields,
  withoutField,
} from './managed-fields.ts';
import { sameVersion } from './patch-live.ts';

/**
 * Managers that applied a whole manifest, as we do now: their fields become ours, so that what the new manifest
 * dropped really goes. Those of single edits (kubectl-edit, kubectl-rollout, kubectl-scale) keep theirs.
 */
const declarativeManagers: ReadonlySet<string> = new Set([
  'kubectl-client-side-apply',
  'kubectl-create',
  'kubectl-replace',
  'kubectl',
]);

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
const replicas = ['f:spec', 'f:replicas'] as const;

export interface HandOverNeed {
  /** Entries of kubectl that go over to us. */
  readonly adopted: readonly ManagedFields[];
  /** `spec.replicas` is ours, or would become ours, and belongs to an HPA. */
  readonly releasesReplicas: boolean;
}

/** What has to change in an object's ownership before we apply to it; undefined where nothing has. */
export function handOverNeed(live: KubernetesObject, scaledByHpa: boolean): HandOverNeed | undefined {
  const entries = managedFieldsOf(live);
  const adopted = entries.filter(isAdoptable);
  const releasesReplicas =
    scaledByHpa &&
    entries.some((entry) => (isOwnApply(entry) || isAdoptable(entry)) && hasField(entry.fields, ...replicas));
  return adopted.length > 0 || releasesReplicas ? { adopted, releasesReplicas } : undefined;
}

/**
 * The JSON patch that hands fields over: kubectl's entries become ours, `spec.replicas` becomes nobody's where an HPA
 * scales the workload (an owner who stops naming it would reset it to 1: helm#12650), and kubectl's record of what it
 * applied goes. No value changes, so no pod restarts. The patch holds only for the version that was read.
 */
export function handOverPatch(live: KubernetesObject, need: HandOverNeed): readonly Json[] {
  const entries = managedFieldsOf(live);
  const [firstAdopted] = need.adopted;
  const ours = entries.find(isOwnApply);
  const merged = need.adopted.reduce((set, entry) => unionFields(set, entry.fields), ours?.fields ?? {});
  const trimmed = need.releasesReplicas ? withoutField(merged, ...replicas) : merged;
  const fields = withoutField(trimmed, 'f:metadata', 'f:annotations', `f:${lastApplied}`);
  const base = ours?.raw ?? firstAdopted?.raw ?? {};
  const entry: JsonObject = { ...base, manager: fieldManager, operation: 'Apply', fieldsV1: fields };
  const gone = new Set([ours, ...need.adopted].map((entry) => entry?.raw));
  const others = entries.map(({ raw }) => raw).filter((raw) => !gone.has(raw));
  const managedFields = [entry, ...others];
  const hasRecord = live.metadata.annotations?.[lastApplied] !== undefined;
  return [
    sameVersion(live),
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    ...(hasRecord ? [{ op: 'remove', path: `/metadata/annotations/${lastApplied.replace('/', '~1')}` }] : []),
  ];
}

/** Whether all that an entry has becomes ours with the next apply, which takes away what the manifests don't name. */
export function isAdoptable(entry: ManagedFields): boolean {
  return declarativeManagers.has(entry.manager) && entry.subresource === '';
}

/** Whose conflicting fields we take without asking: kubectl's, and our own under another operation. */
export function isTakenOver(manager: string): boolean {
  return manager === 'kubectl' || manager.startsWith('kubectl-') || manager === fieldManager;
}
