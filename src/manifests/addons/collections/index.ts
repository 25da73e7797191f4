import type { Collection } from './collection.ts';
import { calledServices, callingWorkloads, exposedServices, outwardWorkloads } from './network.ts';
import { closedWorkloads, scrapedServices, scrapedWorkloads } from './scraped.ts';
import { unbudgetedWorkloads } from './unbudgeted-workloads.ts';

export const collections: readonly Collection[] = [
  unbudgetedWorkloads,
  calledServices,
  callingWorkloads,
  outwardWorkloads,
  exposedServices,
  scrapedServices,
  scrapedWorkloads,
  closedWorkloads,
];
