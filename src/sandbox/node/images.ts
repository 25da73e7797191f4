import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DeployError, messageOf } from '../../errors.ts';
import type { NodeParts } from './parts.ts';

const run = promisify(execFile);

/** An image in the sandbox's registry. */
export interface PublishedImage {
  /** `crypto-oms/market-data:1.4.2` */
  readonly name: string;
  /** `sha256:...` of its manifest: the same program under the same tag has the same. */
  readonly digest: string;
}

/**
 * Puts the stand-in for an application into the registry on this port, under names such as `team/app:1.0`. The tag
 * decides how its pods behave. Throws DeployError('failed') where the registry doesn't take it.
 */
export async function publishImages(
  { image, app, busybox }: NodeParts,
  port: number,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly PublishedImage[]> {
  const args = [`http://127.0.0.1:${port}`, app, busybox, ...names];
  try {
    const { stdout } = await run(image, args, { signal, env: {} });
    const lines = stdout.trim().split('\n');
    return lines.map((line) => {
      const [name = '', digest = ''] = line.split(' ');
      return { name, digest };
    });
  } catch (error) {
    throw new DeployError('failed', `The sandbox's registry did not take ${names.join(', ')}.`, {
      why: messageOf(error).trim(),
      cause: error,
    });
  }
}
