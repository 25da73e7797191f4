import type { Context } from '../context.ts';
import type { PlaceRequest } from '../deploy/open-place.ts';
import { chooseConfig } from './choose-config.ts';
import type { Options } from './command.ts';
import { nextFlags } from './next-flags.ts';
import { namespaceOption, text } from './options.ts';
import { targetRequest } from './target-request.ts';

/** Whose releases, and where, from the flags; a `deployment` may also be named by its manifests. */
export async function placeRequest(
  options: Options,
  context: Context,
  need: 'place' | 'deployment' = 'place',
): Promise<PlaceRequest> {
  const config = await chooseConfig(options, context, need);
  const namespace = namespaceOption(options);
  const application = text(options, 'application');
  const target = await targetRequest(options, config, context);
  context.host.place(nextFlags(options, { config, target }, context.env));
  return {
    config,
    target,
    ...(namespace === undefined ? {} : { namespace }),
    ...(application === undefined ? {} : { application }),
  };
}
