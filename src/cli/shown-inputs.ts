import type { Config } from '../config/schema.ts';
import type { Context } from '../context.ts';
import { readWanted, shownNames } from '../deploy/read-wanted.ts';
import { DeployError } from '../errors.ts';
import type { Options } from './command.ts';
import { imageFlags } from './image-flags.ts';
import { texts } from './options.ts';

/**
 * The inputs whose values may be shown. Only the manifests tell which of them fill a Secret: of one that they don't use, and
 * where they can't be read, that is unknown.
 */
export async function shownInputs(options: Options, config: Config, context: Context): Promise<ReadonlySet<string>> {
  const said = Object.keys(config.inputs).filter((name) => config.inputs[name]?.secret === false);
  const { cwd, env, readStdin, signal } = context;
  const manifests = texts(options, 'manifests');
  try {
    const request = {
      config,
      addons: texts(options, 'with'),
      resolve: { cwd, env, readStdin, set: texts(options, 'set') },
      images: imageFlags(options),
      ...(manifests.length === 0 ? {} : { manifests }),
    };
    return new Set([...said, ...shownNames(await readWanted(request, signal))]);
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'usage') throw error;
    return new Set(said);
  }
}
