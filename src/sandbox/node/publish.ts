import type { Context } from '../../context.ts';
import { DeployError } from '../../errors.ts';
import { runningState } from '../start.ts';
import { type PublishedImage, publishImages } from './images.ts';
import { findParts } from './parts.ts';

/** `team/app:1.0`, by the rules of the OCI distribution specification for names and tags. */
const imageName = /^[a-z0-9]+([._/-]+[a-z0-9]+)*:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/**
 * Puts the stand-in for an application into the registry of a running sandbox. Throws DeployError('usage') where no
 * sandbox with a real node runs there, or a name isn't one.
 */
export async function publishInSandbox(
  dir: string,
  names: readonly string[],
  context: Context,
): Promise<readonly PublishedImage[]> {
  const state = await runningState(dir);
  const registry = state?.ports['registry'];
  if (registry === undefined) {
    throw new DeployError('usage', 'No sandbox with a real node is running.', {
      ...(state === undefined ? {} : { why: 'The one that runs has simulated nodes, which pull no images.' }),
      fix: 'Start one with `oms-deploy sandbox start --node real`.',
    });
  }
  const wrong = names.filter((name) => !imageName.test(name));
  if (names.length === 0 || wrong.length > 0) {
    throw new DeployError('usage', 'Name the images, each with its repository and tag.', {
      ...(wrong.length === 0 ? {} : { why: `Not of the form team/app:1.0: ${wrong.join(', ')}` }),
      fix: 'For instance: oms-deploy sandbox image team/app:1.0 team/app:crash',
    });
  }
  return publishImages(await findParts(context), registry, names, context.signal);
}
