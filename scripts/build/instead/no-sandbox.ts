import { DeployError } from '../../../src/errors.ts';
import type { findBinaries as findOriginal } from '../../../src/sandbox/binaries.ts';
import type { findParts as findOriginalParts } from '../../../src/sandbox/node/parts.ts';
import type { serve as serveOriginal } from '../../../src/sandbox/supervisor.ts';

/** The sandbox builds its programs from files that lie beside the code, and starts itself anew: one file has no room for that. */
function refuse(): never {
  throw new DeployError('usage', 'The single-file build of oms-deploy has no sandbox.', {
    fix: 'Take the package for it, of npm pack: oms-deploy sandbox start. This file can deploy to one that runs: --kubeconfig <file>, or --sandbox.',
  });
}

export const findBinaries: typeof findOriginal = refuse;
export const findParts: typeof findOriginalParts = refuse;
export const serve: typeof serveOriginal = refuse;
