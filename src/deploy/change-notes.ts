import { kindOf } from '../kinds/index.ts';
import { configHashAnnotation, readsFrom } from '../manifests/config-hash.ts';
import { at, numberOf } from '../model/json.ts';
import { formatRef, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import type { Change, FieldChange } from '../model/plan.ts';
import type { Prerequisites } from './prerequisites.ts';

/** What an HPA of the release says of the workload it scales. */
export interface HpaBounds {
  readonly name: string;
  readonly minReplicas: number;
}

/** What an operator should know of an update beyond its fields. */
export function updateNotes(update: {
  readonly live: KubernetesObject;
  /** Managers other than the adopted ones whose fields are taken by force. */
  readonly takenFrom: readonly string[];
  readonly adopts: boolean;
  readonly hpa?: HpaBounds;
  /** The ExternalSecret that makes it until now. */
  readonly writer?: ObjectRef;
}): readonly string[] {
  const { live, takenFrom, adopts, hpa, writer } = update;
  const replicas = numberOf(at(live, 'spec', 'replicas'), 1);
  return [
    ...(hpa === undefined ? [] : [`replicas: left to HPA ${hpa.name} (now ${replicas})`]),
    ...(writer === undefined ? [] : [`stays while ${formatRef(writer)} goes, which makes it until now`]),
    ...(adopts ? ['takes over what kubectl applied'] : []),
    ...(takenFrom.length > 0 ? [`takes over fields of ${takenFrom.join(', ')}`] : []),
  ];
}

/**
 * Says of each workload whose pod template changes how many pods restart, and why where only what they read changed.
 * The hash itself is left out of the fields: the note says what it stands for.
 */
export function withRestarts(changes: readonly Change[]): readonly Change[] {
  const altered = changes.filter(({ op }) => op !== 'unchanged');
  return changes.map((change) => {
    const template = change.fields.filter(({ path }) => path.startsWith('spec.template'));
    if (template.length === 0 || kindOf(change.manifest.ref)?.restartsOnTemplateChange !== true) return change;
    const reads = altered
      .filter((other) => readsFrom(change.manifest.body, other.manifest.body).some((keys) => touches(other, keys)))
      .map(({ manifest: { ref } }) => `${ref.kind} ${ref.name}`);
    const onlyReads = template.every(isConfigHash) && reads.length > 0;
    const note = `${restarts(change.live)}${onlyReads ? `: reads ${reads.join(', ')}` : ''}`;
    return { ...change, fields: change.fields.filter((field) => !isConfigHash(field)), notes: [note, ...change.notes] };
  });
}

/** Says of each load balancer that comes before pods why it does. */
export function withGateNotes(changes: readonly Change[], prerequisites: Prerequisites): readonly Change[] {
  const isMeant = ({ op, manifest }: Change): boolean => op !== 'unchanged' && manifest.ref.kind === 'Ingress';
  if (!changes.some(isMeant)) return changes;
  const needed = new Set(changes.flatMap(({ manifest }) => prerequisites(manifest)));
  return changes.map((change) => {
    if (!isMeant(change) || !needed.has(change.manifest)) return change;
    return { ...change, notes: [...change.notes, 'before the pods, which wait for its health checks'] };
  });
}

/** Whether a change gives its workload other pods: the hash of what they read isn't among the fields any more. */
export function replacesPods({ op, fields, notes }: Change): boolean {
  if (op !== 'update') return false;
  return (
    fields.some(({ path }) => path.startsWith('spec.template')) || notes.some((note) => note.startsWith('restarts '))
  );
}

/** Whether a change of a ConfigMap or Secret concerns one of these keys. */
function touches({ op, fields }: Change, keys: readonly string[] | 'all'): boolean {
  const data = fields.filter(({ path }) => /^(data|binaryData)\b/.test(path));
  if (op === 'create' || keys === 'all') return op === 'create' || data.length > 0;
  return data.some(
    ({ path }) => !/[.[]/.test(path) || keys.some((key) => path.endsWith(`.${key}`) || path.endsWith(`[${key}]`)),
  );
}

function restarts(live: KubernetesObject | undefined): string {
  const there = numberOf(at(live, 'status', 'replicas'), numberOf(at(live, 'status', 'currentNumberScheduled'), 0));
  // A rollout that hangs has more pods than are wanted: those don't restart, they go.
  const pods = Math.min(there, numberOf(at(live, 'spec', 'replicas'), there));
  return pods === 0 ? 'changes its pod template' : `restarts ${pods} ${pods === 1 ? 'pod' : 'pods'}`;
}

/** The annotation alone, or the whole map where it is the first annotation of all. */
function isConfigHash({ path, before, after }: FieldChange): boolean {
  if (path.includes(configHashAnnotation)) return true;
  const keys = [before, after].flatMap((value) =>
    typeof value === 'object' && value !== null ? Object.keys(value) : [],
  );
  return path === 'spec.template.metadata.annotations' && keys.every((key) => key === configHashAnnotation);
}
