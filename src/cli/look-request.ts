import type { Context } from '../context.ts';
import type { VerifyRequest } from '../verify/verify.ts';
import { chooseConfig } from './choose-config.ts';
import type { Options } from './command.ts';
import { connectOptions } from './deploy-request.ts';
import { nextFlags } from './next-flags.ts';
import { namespaceOption, texts } from './options.ts';

/** What `verify`, `doctor`, `status` and `logs` look at, from their flags. */
export async function lookRequest(options: Options, context: Context): Promise<VerifyRequest> {
  const config = await chooseConfig(options, context);
  const namespace = namespaceOption(options);
  const manifests = texts(options, 'manifests');
  const connect = await connectOptions(options, context);
  context.host.place(nextFlags(options, { config, connect }, context.env));
  return {
    config,
    addons: texts(options, 'with'),
    cwd: context.cwd,
    readStdin: context.readStdin,
    connect,
    ...(namespace === undefined ? {} : { namespace }),
    ...(manifests.length === 0 ? {} : { manifests }),
  };
}
