import { loadConfig } from '../../src/config/load.ts';
import type { CarryOutOptions } from '../../src/deploy/carry-out.ts';
import type { PruneOptions } from '../../src/deploy/deletions.ts';
import type { DeployRequest } from '../../src/deploy/deploy.ts';
import { kubeconfigTarget, plainSurroundings } from './target.ts';

/** What the command line gives `deploy` by default, for tests that call it in their own process. */
export const carryOutDefaults: Omit<CarryOutOptions, 'timeoutMs'> & { readonly prune: PruneOptions } = {
  yes: true,
  lock: { durationMs: 15_000, timeoutMs: 0 },
  historyLimit: 10,
  facts: { author: { user: 'tester', host: 'here' }, toolVersion: '0.0.0' },
  prune: { isOff: false, withData: false },
};

/** What `deploy` needs to deploy the application of a folder in the test's own process. */
export async function deployRequest(folder: string, namespace: string, kubeconfig: string): Promise<DeployRequest> {
  return {
    ...carryOutDefaults,
    config: await loadConfig({ cwd: folder }),
    namespace,
    addons: [],
    resolve: { ...plainSurroundings(folder), set: [] },
    target: kubeconfigTarget(kubeconfig, folder),
    forceConflicts: false,
    timeoutMs: 60_000,
  };
}
