import type { CarryOutOptions } from '../../src/deploy/carry-out.ts';
import type { PruneOptions } from '../../src/deploy/deletions.ts';

/** What the command line gives `deploy` by default, for tests that call it in their own process. */
export const carryOutDefaults: Omit<CarryOutOptions, 'timeoutMs'> & { readonly prune: PruneOptions } = {
  yes: true,
  lock: { durationMs: 15_000, timeoutMs: 0 },
  historyLimit: 10,
  facts: { author: { user: 'tester', host: 'here' }, toolVersion: '0.0.0' },
  prune: { isOff: false, withData: false },
};
