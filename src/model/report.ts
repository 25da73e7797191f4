import type { Endpoint } from './plan.ts';
import type { Release } from './release.ts';

/** What a report shows of a command's result, beside the events of its run. */
export interface ReportContent {
  /** Where a command looked that has told no target. */
  readonly place?: { readonly application: string; readonly cluster: string; readonly namespace: string };
  readonly endpoints?: readonly Endpoint[];
  /** The report is about this release, which was deployed before. */
  readonly release?: Release;
}
