import { kindOf } from '../kinds/index.ts';
import { configHashAnnotation, readConfigs } from '../manifests/config-hash.ts';
import { at, numberOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { FieldChange } from '../model/plan.ts';

/** What an HPA of the release says of the workload it scales. */
export interface HpaBounds {
  readonly name: string;
  readonly minReplicas: number;
}

export interface NotesRequest {
  readonly manifest: Manifest;
  readonly manifests: readonly Manifest[];
  readonly live: KubernetesObject;
  readonly fields: readonly FieldChange[];
  readonly takenFrom: readonly string[];
  readonly adopts: boolean;
  readonly hpa?: HpaBounds;
}

/** What an operator should know of a change beyond its fields. */
export function changeNotes(request: NotesRequest): readonly string[] {
  const { takenFrom, adopts } = request;
  return [
    ...restartNote(request),
    ...hpaNote(request),
    ...(adopts ? ['takes over what kubectl applied'] : []),
    ...(takenFrom.length > 0 ? [`takes over fields of ${takenFrom.join(', ')}`] : []),
  ];
}

function restartNote({ manifest, manifests, live, fields }: NotesRequest): readonly string[] {
  const template = fields.filter(({ path }) => path.startsWith('spec.template'));
  if (template.length === 0 || kindOf(manifest.ref)?.restartsOnTemplateChange !== true) return [];
  const pods = numberOf(at(live, 'status', 'replicas'), numberOf(at(live, 'status', 'currentNumberScheduled'), 0));
  const restarts = pods === 0 ? 'changes its pod template' : `restarts ${pods} ${pods === 1 ? 'pod' : 'pods'}`;
  if (!template.every(({ path }) => path.includes(configHashAnnotation))) return [restarts];
  const reads = readConfigs(manifest.body, manifests).map(({ ref }) => `${ref.kind} ${ref.name}`);
  return [`${restarts}: reads ${reads.join(', ')}`];
}

function hpaNote({ hpa, live }: NotesRequest): readonly string[] {
  if (hpa === undefined) return [];
  return [`replicas: left to HPA ${hpa.name} (now ${numberOf(at(live, 'spec', 'replicas'), 1)})`];
}
