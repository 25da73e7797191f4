import type { Endpoint } from './plan.ts';
import type { Release } from './release.ts';

/** How one check of `verify` went. */
export interface CheckRow {
  readonly id: string;
  readonly status: 'passed' | 'warned' | 'failed' | 'skipped';
  /** What it saw, or why it did not look; empty where findings say it. */
  readonly detail: string;
}

/** What a report shows of a command's result, beside the events of its run. */
export interface ReportContent {
  /** Where a command looked that has told no target. */
  readonly place?: { readonly application: string; readonly cluster: string; readonly namespace: string };
  readonly endpoints?: readonly Endpoint[];
  readonly checks?: readonly CheckRow[];
  /** The report is about this release, which was deployed before. */
  readonly release?: Release;
}
