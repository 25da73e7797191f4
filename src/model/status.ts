import type { ObjectDrift } from './drift.ts';
import type { ObjectRef } from './object.ts';
import type { ReleaseSummary } from './release.ts';

/** One line of a container's log. */
export interface LogLine {
  readonly pod: string;
  readonly container: string;
  /** RFC 3339, as the kubelet wrote it. */
  readonly time: string;
  readonly text: string;
  /** What people see before the line: the pod, and the container where the pod has several. */
  readonly source: string;
  /** Tells sources apart: 0, 1, 2, ... in the order of their appearance. */
  readonly index: number;
}

/** An image that a workload no longer names, and how many ready pods of it still serve. */
export interface OlderImage {
  readonly image: string;
  /** The image of the same container in the pod template. */
  readonly now: string;
  readonly pods: number;
}

/** One workload, as a line of `status`. */
export interface WorkloadStatus {
  readonly object: ObjectRef;
  readonly state: 'ready' | 'progressing' | 'failed';
  readonly desired: number;
  readonly updated: number;
  readonly ready: number;
  readonly restarts: number;
  /** Since its creation, milliseconds. */
  readonly ageMs: number;
  /** What its pod template names, a container each. */
  readonly images: readonly string[];
  /** What ready pods of older revisions still serve, where that is something else. */
  readonly olderImages: readonly OlderImage[];
  /** What it waits for or what is wrong; empty where it is simply ready. */
  readonly why: string;
  /** Something keeps it from being ready that may not go away by itself. */
  readonly isTroubled: boolean;
}

export interface ServiceStatus {
  readonly object: ObjectRef;
  readonly readyEndpoints: number;
  /** `80 -> http`, or why there is none to count. */
  readonly detail: string;
}

export interface ScalerStatus {
  readonly object: ObjectRef;
  readonly min: number;
  readonly max: number;
  readonly current: number;
  /** `cpu 35%/70%`; a figure that isn't known is `?`. */
  readonly figures: readonly string[];
}

/** How an application is, on one screen. */
export interface ApplicationStatus {
  /** Kinds that may not be read: what would be shown of them is missing. */
  readonly unread?: readonly string[];
  /** Empty where oms-deploy has deployed nothing, and nobody says what is meant. */
  readonly application: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly workloads: readonly WorkloadStatus[];
  readonly services: readonly ServiceStatus[];
  readonly scalers: readonly ScalerStatus[];
  /** Addresses of its Ingresses. */
  readonly addresses: readonly string[];
  /** Workloads in the namespace that aren't the application's. */
  readonly others: number;
  /** The newest release; absent where there is none, or its records may not be read. */
  readonly release?: ReleaseSummary;
  /** What was changed by hand since, and what was added before and is still there; absent where that isn't looked at. */
  readonly drift?: readonly ObjectDrift[];
  /** Nothing is left of what that release has, or it is of another application now. */
  readonly isGone?: boolean;
}
