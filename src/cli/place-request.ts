import type { Context } from '../context.ts';
import type { PlaceRequest } from '../deploy/open-place.ts';
import { chooseConfig } from './choose-config.ts';
import type { Options } from './command.ts';
import { connectOptions } from './deploy-request.ts';
import { nextFlags } from './next-flags.ts';
import { namespaceOption, text } from './options.ts';

/** Whose releases, and where, from the flags. */
export async function placeRequest(options: Options, context: Context): Promise<PlaceRequest> {
  const config = await chooseConfig(options, context);
  const namespace = namespaceOption(options);
  const application = text(options, 'application');
  const connect = await connectOptions(options, context);
  context.host.place(nextFlags(options, { config, connect }, context.env));
  return {
    config,
    connect,
    ...(namespace === undefined ? {} : { namespace }),
    ...(application === undefined ? {} : { application }),
  };
}
