import type { Collection } from './collection.ts';
import { unbudgetedWorkloads } from './unbudgeted-workloads.ts';

export const collections: readonly Collection[] = [unbudgetedWorkloads];
