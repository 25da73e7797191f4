import type { Path } from './field-path.ts';
import type { Finding } from './finding.ts';
import type { SourceKind } from './input.ts';
import type { Scalar } from './json.ts';
import type { KubernetesObject, ObjectRef, Origin } from './object.ts';
import type { Timeline } from './timeline.ts';

/**
 * `deploying` while it runs; one whose run has died stays so until the next deploy calls it `interrupted`. `deployed`:
 * everything was applied and got ready.
 */
export type ReleaseStatus = 'deploying' | 'deployed' | 'failed' | 'interrupted';

/** Who deploys, and from where. */
export interface Author {
  /** The user of the operating system. */
  readonly user: string;
  readonly host: string;
  /** The AWS identity. */
  readonly arn?: string;
  /** The run in CI. */
  readonly url?: string;
}

/** The git commit of the folder that was deployed from. */
export interface Commit {
  readonly hash: string;
  readonly branch?: string;
  /** There were changes that aren't in the commit. */
  readonly dirty: boolean;
}

/** The release that an action goes back to; undefined for one that isn't a rollback. */
export function goalOf(action: string): number | undefined {
  const [, number] = /^rollback to (\d+)$/.exec(action) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** An action that went back: before it was what somebody wanted to leave. */
export function isWayBack(action: string): boolean {
  return goalOf(action) !== undefined || action.startsWith('rollout undo ');
}

/** What the list of releases shows. */
export interface ReleaseSummary {
  /** Counts from 1, per application and namespace. */
  readonly number: number;
  readonly status: ReleaseStatus;
  /** `up`, `rollback to 3`, `rollout set-image web example.com/web:2`. */
  readonly action: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly author: Author;
  readonly commit?: Commit;
  readonly toolVersion: string;
  readonly changes: ReleaseChanges;
  /** Why it failed, in one sentence. */
  readonly message?: string;
}

export interface ReleaseChanges {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
}

/** An input as it is recorded: a secret one without its value. */
export interface RecordedInput {
  readonly name: string;
  readonly secret: boolean;
  readonly value?: Scalar;
  readonly source: { readonly kind: SourceKind; readonly detail: string };
}

/** An object of a release, as it was applied. */
export interface RecordedObject {
  readonly ref: ObjectRef;
  readonly body: KubernetesObject;
  readonly origin: Origin;
  /** The paths of strings in `body` that are secret: of Secrets, and where a secret input went. */
  readonly secretPaths: readonly Path[];
  /** Of the live object; absent where the run died before it was told. */
  readonly uid?: string;
}

/** An object of an earlier release that is still there, although the manifests don't have it any more. */
export interface LeftObject {
  readonly ref: ObjectRef;
  readonly origin: Origin;
  readonly uid?: string;
}

/** An image that pods of a release really ran, by its digest. */
export interface RunningImage {
  readonly workload: ObjectRef;
  readonly container: string;
  /** As the pod names it. */
  readonly image: string;
  /** As the kubelet reports what it has pulled: `repository@sha256:...`. */
  readonly id: string;
}

/** An image that one command set, against the manifests. */
export interface ImageOverride {
  readonly workload: ObjectRef;
  readonly container: string;
  readonly image: string;
}

/** One deploy, as it is recorded in the cluster. */
export interface Release extends ReleaseSummary {
  readonly application: string;
  readonly namespace: string;
  readonly target: {
    readonly cluster: string;
    readonly server: string;
    readonly account?: string;
    readonly region?: string;
  };
  readonly inputs: readonly RecordedInput[];
  readonly objects: readonly RecordedObject[];
  readonly left: readonly LeftObject[];
  readonly overrides: readonly ImageOverride[];
  /** What ran when everything was ready. */
  readonly images: readonly RunningImage[];
  /** What was found when it failed. */
  readonly findings: readonly Finding[];
  /** What happened when; absent in records of older versions, and where the run has died. */
  readonly timeline?: Timeline;
}
