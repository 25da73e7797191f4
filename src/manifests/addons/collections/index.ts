import type { Collection } from './collection.ts';
import { limitedNamespace } from './limited-namespace.ts';
import {
  calledServices,
  callingWorkloads,
  crossingWorkloads,
  exposedServices,
  outwardWorkloads,
  worldlyWorkloads,
} from './network.ts';
import { pullers } from './pullers.ts';
import { closedWorkloads, scrapedServices, scrapedWorkloads } from './scraped.ts';
import { unbudgetedWorkloads } from './unbudgeted-workloads.ts';
import { unprioritizedWorkloads, unspreadWorkloads } from './unsettled-workloads.ts';

export const collections: readonly Collection[] = [
  pullers,
  limitedNamespace,
  unbudgetedWorkloads,
  calledServices,
  callingWorkloads,
  outwardWorkloads,
  worldlyWorkloads,
  crossingWorkloads,
  exposedServices,
  unspreadWorkloads,
  unprioritizedWorkloads,
  scrapedServices,
  scrapedWorkloads,
  closedWorkloads,
];
