import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The sandbox's own files that aren't code: the module file of the control plane and kwok's stages. */
export interface SandboxAssets {
  /** Holds go.mod and go.sum. */
  readonly controlPlaneDir: string;
  /** Holds *.yaml. */
  readonly kwokDir: string;
  /** Holds the modules of a real node's programs, and `config/`. */
  readonly nodeDir: string;
}

/**
 * Finds the files beside this module. From source it is `src/sandbox/`; the bundle puts chunks in `dist/` (or a
 * folder below it) and the build script copies the files to `dist/sandbox/`.
 */
export function findAssets(): SandboxAssets {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [here, join(here, 'sandbox'), join(here, '..', 'sandbox')];
  const found = candidates.find((dir) => existsSync(join(dir, 'control-plane', 'go.mod')));
  // A package without them is broken: a bug of the build, so not a DeployError.
  if (found === undefined) throw new Error(`control-plane/go.mod is in none of ${candidates.join(', ')}`);
  return { controlPlaneDir: join(found, 'control-plane'), kwokDir: join(found, 'kwok'), nodeDir: join(found, 'node') };
}
