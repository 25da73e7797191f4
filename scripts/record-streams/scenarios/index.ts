import type { Scenario } from '../scenario.ts';
import { definitionScenarios, externalSecretScenarios } from './definitions.ts';
import { progressing, rollouts } from './deployment.ts';
import { failures } from './deployment-failures.ts';
import { recoveries } from './deployment-recoveries.ts';
import { ingressScenarios, serviceScenarios } from './network.ts';
import { podScenarios } from './pod.ts';
import { budgetScenarios, scalerScenarios } from './scaling.ts';
import { claimScenarios } from './storage.ts';
import { daemonSetScenarios, jobScenarios, statefulSetScenarios } from './workloads.ts';

/** Every stream that is recorded. */
export const scenarios: readonly Scenario[] = [
  ...rollouts,
  ...recoveries,
  ...progressing,
  ...failures,
  ...statefulSetScenarios,
  ...daemonSetScenarios,
  ...jobScenarios,
  ...podScenarios,
  ...serviceScenarios,
  ...scalerScenarios,
  ...ingressScenarios,
  ...claimScenarios,
  ...budgetScenarios,
  ...definitionScenarios,
  ...externalSecretScenarios,
];
