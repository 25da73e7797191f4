import type { Finding } from './finding.ts';
import { type ObjectRef, refKey } from './object.ts';
import type { Target } from './plan.ts';

/** An object that shall go: this very one, not one that was made anew under its name. */
export interface DoomedObject {
  readonly ref: ObjectRef;
  readonly uid: string;
}

/** Objects that go together. */
export interface CleanupStage {
  readonly name: string;
  readonly objects: readonly DoomedObject[];
}

/** The stage of records that has a Secret for each release; the parts of large ones and the key come after it. */
export const releasesStage = 'releases';

/** A claim that goes, and what goes with it. */
export interface DoomedClaim {
  readonly ref: ObjectRef;
  /** `10Gi, its volume is deleted with it`. */
  readonly detail: string;
}

/** An object of the application that stays. */
export interface KeptObject {
  readonly ref: ObjectRef;
  readonly why: string;
}

/** What a cleanup deletes and what it leaves: the value that is shown is the value that is carried out. */
export interface CleanupPlan {
  readonly target: Target;
  /** The whole namespace, or only the application's objects. */
  readonly scope: 'namespace' | 'objects';
  /** Of the namespace that goes. */
  readonly namespaceUid?: string;
  /** Deleted one by one: a stage is gone before the next one goes. */
  readonly stages: readonly CleanupStage[];
  /** Of the application, and deleted with the namespace. */
  readonly swept: readonly CleanupStage[];
  /** The Secrets that its releases are recorded in: heads first. They go last. */
  readonly records: readonly CleanupStage[];
  readonly hasLock: boolean;
  readonly claims: readonly DoomedClaim[];
  /** In the namespace, and not of oms-deploy: they go with the namespace, and stay without. */
  readonly foreign: readonly ObjectRef[];
  /** The same of other applications, with their names. */
  readonly others: readonly { readonly ref: ObjectRef; readonly application: string }[];
  readonly kept: readonly KeptObject[];
  /** Kinds that may not be listed: what there is of them isn't known. */
  readonly unread: readonly string[];
  readonly findings: readonly Finding[];
}

/** The objects of stages that are the application's own: what isn't, goes first where a load balancer hangs on it. */
export function ownIn({ foreign }: CleanupPlan, stages: readonly CleanupStage[]): readonly DoomedObject[] {
  const keys = new Set(foreign.map(refKey));
  return objectsOf(stages).filter(({ ref }) => !keys.has(refKey(ref)));
}

/** The objects of stages, in their order. */
export function objectsOf(stages: readonly CleanupStage[]): readonly DoomedObject[] {
  return stages.flatMap(({ objects }) => objects);
}
