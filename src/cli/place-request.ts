import type { Context } from '../context.ts';
import type { PlaceRequest } from '../deploy/open-place.ts';
import { chooseConfig } from './choose-config.ts';
import type { Options } from './command.ts';
import { nextFlags } from './next-flags.ts';
import { namespaceOption, text } from './options.ts';
import { targetRequest } from './target-request.ts';

/** Whose releases, and where, from the flags. */
export async function placeRequest(options: Options, context: Context): Promise<PlaceRequest> {
  const config = await chooseConfig(options, context, 'place');
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
