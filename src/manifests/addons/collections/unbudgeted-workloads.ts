import { at } from '../../../model/json.ts';
import { groupOf } from '../../../model/object.ts';
import { matchesSelector } from '../../../model/selector.ts';
import { leastPods } from '../../pod-counts.ts';
import { podLabelsOf } from '../../pod-template.ts';
import { selectorOf, workloadsOf } from '../application.ts';
import type { Collection } from './collection.ts';

/** The workloads with several pods at all times that no PodDisruptionBudget of the manifests is for. */
export const unbudgetedWorkloads: Collection = {
  name: 'unbudgeted-workload',
  items(application) {
    const budgets = application.manifests.filter(
      ({ ref }) => ref.kind === 'PodDisruptionBudget' && groupOf(ref.apiVersion) === 'policy',
    );
    return workloadsOf(application)
      .filter((workload) => leastPods(workload.body, application.manifests) > 1)
      .filter(({ body, ref }) => {
        const labels = podLabelsOf(body);
        return !budgets.some(
          (one) => one.ref.namespace === ref.namespace && matchesSelector(at(one.body, 'spec', 'selector'), labels),
        );
      })
      .map((workload) => ({ workload: { name: workload.ref.name, selector: selectorOf(workload) } }));
  },
};
