import { specOfPods } from '../../pod-template.ts';
import { aboutWorkload, workloadsOf } from '../application.ts';
import type { Collection } from './collection.ts';

/** The workloads that don't say how their pods are spread. */
export const unspreadWorkloads: Collection = without('unspread-workload', 'topologySpreadConstraints');

/** The workloads that don't say how important their pods are. */
export const unprioritizedWorkloads: Collection = without('unprioritized-workload', 'priorityClassName');

/** Those whose pods lack a field. */
function without(name: string, field: string): Collection {
  return {
    name,
    items: (application) =>
      workloadsOf(application)
        .filter(({ body }) => specOfPods(body)[field] === undefined)
        .map((workload) => ({ workload: aboutWorkload(workload) })),
  };
}
