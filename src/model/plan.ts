import { countOf } from './age.ts';
import type { Finding } from './finding.ts';
import type { Hook } from './hook.ts';
import type { Json } from './json.ts';
import type { Manifest } from './manifest.ts';
import type { KubernetesObject, ObjectRef } from './object.ts';
import type { ReleaseSummary } from './release.ts';
import { onOneLine, shorten } from './text.ts';

/** Where a deploy goes. Fields that a run can't know are absent. */
export interface Target {
  readonly application: string;
  readonly account?: string;
  /** The account's alias. */
  readonly alias?: string;
  /** Who calls AWS. */
  readonly arn?: string;
  readonly region?: string;
  /** The kubeconfig context or the EKS cluster's name. */
  readonly cluster: string;
  readonly server: string;
  /** How it is reached: by what EKS says of it, or by a kubeconfig. */
  readonly connection: 'eks' | 'kubeconfig';
  /** A cluster of `oms-deploy sandbox`, on this machine. */
  readonly isSandbox?: boolean;
  readonly version: string;
  readonly namespace: string;
  readonly namespaceState: 'exists' | 'missing' | 'terminating';
  /** The pod security level that the namespace enforces, with its version: `restricted:latest`. */
  readonly podSecurity?: string;
  /** The application that the namespace was made for. */
  readonly namespaceOwner?: string;
  /** The newest release there. */
  readonly latest?: ReleaseSummary;
}

/** One field that differs. `before` or `after` is absent where the field is. Secret values are fingerprints. */
export interface FieldChange {
  readonly path: string;
  readonly before?: Json;
  readonly after?: Json;
  /** The change in words for people, where the values tell them little. */
  readonly shown?: string;
}

/** A change for machines: its values tell it all. */
export function fieldValues(change: FieldChange): Omit<FieldChange, 'shown'> {
  const { shown: _, ...values } = change;
  return values;
}

export type ChangeOp = 'create' | 'update' | 'unchanged' | 'delete';

/** An ExternalSecret whose Secret is wanted without it: the very one that the plan saw. */
export interface Writer {
  readonly ref: ObjectRef;
  readonly uid: string;
}

/** What will happen to one object. */
export interface Change {
  readonly op: ChangeOp;
  readonly manifest: Manifest;
  readonly fields: readonly FieldChange[];
  readonly wave: number;
  /** What an operator should know: pods that restart, replicas left to an HPA, fields taken over. */
  readonly notes: readonly string[];
  /** The live object that the plan saw; absent for a create. */
  readonly live?: KubernetesObject;
  /** A Job that is run, in place of the one that is there: it is waited for before anything else goes on. */
  readonly hook?: Hook;
  /** The Job that is there is the same one: as long as it runs it is waited for, and not replaced. */
  readonly isSameJob?: boolean;
  /** The definition of its kind, which is applied before: until then the server can't try it. */
  readonly definition?: ObjectRef;
  /** The replicas with which a workload that an HPA scales starts (`op` create). */
  readonly initialReplicas?: number;
  /** Fields of our own entry or of kubectl's go over to us before the apply: see deploy/hand-over.ts. */
  readonly handOver: boolean;
  /** Conflicting fields are taken by force: kubectl's by rule, others because the user agreed. */
  readonly force: boolean;
  /** Of a Secret: the ExternalSecret that makes it until now. It goes first, and leaves the Secret as it is. */
  readonly writer?: Writer;
}

/** Changes that are applied together. */
export interface Wave {
  readonly number: number;
  readonly name: string;
  readonly changes: readonly Change[];
}

/** What `plan` prints and `up` executes: the same value. */
export interface Plan {
  readonly target: Target;
  readonly waves: readonly Wave[];
  readonly findings: readonly Finding[];
  /** What was looked at before; absent where there is nothing to deploy. Its findings are among the plan's. */
  readonly preflight?: PreflightSummary;
  /** The number that its release will have; absent where nothing has to be recorded. */
  readonly release?: number;
  /** Of a rollout of one workload: it alone may change, all else is left as it is. */
  readonly only?: ObjectRef;
}

/** What a preflight came to. */
export interface PreflightSummary {
  /** How many checks have looked. */
  readonly checks: number;
  readonly warnings: number;
  /** The checks that have not: because nobody wanted it, or because they may not. */
  readonly skipped: readonly string[];
}

/** `preflight ok (7 checks, 1 warning)`; what has errors is no plan. */
export function formatPreflight({ checks, warnings, skipped }: PreflightSummary): string {
  if (checks === 0) return 'preflight skipped';
  const parts = [
    countOf(checks, 'check'),
    ...(warnings === 0 ? [] : [countOf(warnings, 'warning')]),
    ...(skipped.length === 0 ? [] : [`${skipped.length} skipped`]),
  ];
  return `preflight ok (${parts.join(', ')})`;
}

/** Where a deployed application answers. */
export interface Endpoint {
  readonly name: string;
  /** Absent where it has no address yet. */
  readonly url?: string;
  readonly scope: 'cluster' | 'public';
}

/** All changes of a plan, in the order of application. */
export function changesOf(plan: Plan): readonly Change[] {
  return plan.waves.flatMap((wave) => wave.changes);
}

/** The objects that will be there: all but those that go. */
export function keptOf(plan: Plan): readonly Change[] {
  return changesOf(plan).filter(({ op }) => op !== 'delete');
}

/** True if executing the plan would write anything. */
export function hasChanges(plan: Plan): boolean {
  return changesOf(plan).some(({ op }) => op !== 'unchanged');
}

/** How many changes there are of each kind. */
export function countChanges(plan: Plan): { created: number; updated: number; unchanged: number; deleted: number } {
  const counts = { created: 0, updated: 0, unchanged: 0, deleted: 0 };
  for (const change of changesOf(plan)) {
    if (change.op === 'create') counts.created += 1;
    else if (change.op === 'update') counts.updated += 1;
    else if (change.op === 'delete') counts.deleted += 1;
    else counts.unchanged += 1;
  }
  return counts;
}

/** A value on one line of at most `width` letters. */
export function formatValue(value: Json, width: number): string {
  return shorten(typeof value === 'string' ? onOneLine(value) : JSON.stringify(value), width);
}

/** `data.log-level: Information -> Debug`; each value on one line of at most `width` letters. */
export function formatFieldChange({ path, before, after, shown }: FieldChange, width: number): string {
  if (shown !== undefined) return shown;
  const show = (value: Json): string => formatValue(value, width);
  if (before === undefined) return `${path}: + ${show(after ?? null)}`;
  if (after === undefined) return `${path}: removed (was ${show(before)})`;
  return `${path}: ${show(before)} -> ${show(after)}`;
}
