import { at } from '../../model/json.ts';
import type { Rule } from '../rule.ts';

/** Counts and times that can't be below zero. */
const fields = [
  'spec.replicas',
  'spec.minReadySeconds',
  'spec.revisionHistoryLimit',
  'spec.progressDeadlineSeconds',
  'spec.parallelism',
  'spec.completions',
  'spec.backoffLimit',
  'spec.activeDeadlineSeconds',
  'spec.ttlSecondsAfterFinished',
  'spec.successfulJobsHistoryLimit',
  'spec.failedJobsHistoryLimit',
  'spec.startingDeadlineSeconds',
  'spec.template.spec.terminationGracePeriodSeconds',
] as const;

const workloads: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob',
]);

export const syntaxCount: Rule = {
  id: 'syntax/count',
  severity: 'error',
  summary: 'a count or a time of a workload is below zero, or no whole number',
  fix: 'Use a whole number from 0.',
  leftTo: 'server',
  run: ({ manifests, written }) =>
    manifests.flatMap((manifest, index) =>
      !workloads.has(manifest.ref.kind)
        ? []
        : fields.flatMap((path) => {
            const value = at(written[index]?.body, ...path.split('.'));
            if (typeof value !== 'number' || (Number.isInteger(value) && value >= 0)) return [];
            return [{ manifest, path, cause: `has ${path} ${value}` }];
          }),
    ),
};
