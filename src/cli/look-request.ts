import type { Context } from '../context.ts';
import type { VerifyRequest } from '../verify/verify.ts';
import type { Options } from './command.ts';
import { imageFlags } from './image-flags.ts';
import { texts } from './options.ts';
import { placeRequest } from './place-request.ts';

/** What `verify` and `doctor` look at, from their flags. */
export async function lookRequest(options: Options, context: Context): Promise<VerifyRequest> {
  const manifests = texts(options, 'manifests');
  return {
    ...(await placeRequest(options, context, 'deployment')),
    images: imageFlags(options),
    addons: texts(options, 'with'),
    reading: { cwd: context.cwd, env: context.env, readStdin: context.readStdin },
    ...(manifests.length === 0 ? {} : { manifests }),
  };
}
