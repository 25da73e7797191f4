import type { Cluster } from '../../cluster/cluster.ts';
import { type CleanupPlan, type KeptObject, objectsOf, ownIn } from '../../model/cleanup.ts';

/** What was cleaned up. */
export interface CleanedUp {
  readonly namespace: string;
  readonly cluster: string;
  /** Absent where the namespace was gone or ending already. */
  readonly application?: string;
  /** `missing`: there is no such namespace. `nothing`: nothing of the application is in it. */
  readonly outcome: 'missing' | 'nothing' | 'namespace' | 'objects';
  readonly deleted: { readonly objects: number; readonly foreign: number; readonly records: number };
  readonly kept: readonly KeptObject[];
  /** How many objects of others are still in the namespace. */
  readonly others: number;
}

/** Of a namespace that is gone, or ends already. */
export function nothing(namespace: string, cluster: Cluster): Omit<CleanedUp, 'outcome'> {
  const deleted = { objects: 0, foreign: 0, records: 0 };
  return { namespace, cluster: cluster.name, deleted, kept: [], others: 0 };
}

/** What carrying out a plan has done. */
export function resultOf(plan: CleanupPlan, outcome: CleanedUp['outcome']): CleanedUp {
  const { target, stages, swept, records, foreign, others, kept } = plan;
  const isWhole = outcome === 'namespace';
  const ours = ownIn(plan, [...stages, ...swept]);
  const isIdle = outcome === 'nothing';
  return {
    namespace: target.namespace,
    cluster: target.cluster,
    application: target.application,
    outcome,
    deleted: {
      objects: isIdle ? 0 : ours.length,
      foreign: isWhole ? foreign.length : 0,
      records: isIdle ? 0 : objectsOf(records).length,
    },
    kept,
    others: isWhole ? 0 : foreign.length + others.length,
  };
}
