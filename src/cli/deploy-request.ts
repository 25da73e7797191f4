import type { Context } from '../context.ts';
import type { PruneOptions } from '../deploy/deletions.ts';
import type { PlanningRequest } from '../deploy/planning.ts';
import type { PrepareRequest } from '../deploy/prepare.ts';
import { DeployError } from '../errors.ts';
import { chooseConfig } from './choose-config.ts';
import type { Options } from './command.ts';
import { imageFlags } from './image-flags.ts';
import { nextFlags } from './next-flags.ts';
import { assignments, isOn, namespaceOption, text, texts } from './options.ts';
import { preflightOptions } from './preflight-options.ts';
import { pruneFrom } from './release-flags.ts';
import { surroundingsRequest, targetRequest } from './target-request.ts';

/** What `up`, `plan` and `render` deploy, from their flags. */
export async function prepareRequest(options: Options, context: Context): Promise<PrepareRequest> {
  // What is wrong with the flags themselves comes before all that is looked up.
  const set = assignments(options);
  const images = imageFlags(options);
  const config = await chooseConfig(options, context);
  const namespace = namespaceOption(options);
  const manifests = texts(options, 'manifests');
  const isPiped = (manifests.length === 0 ? config.manifests : manifests).includes('-');
  if (isPiped && text(options, 'outputsFile') === '-') {
    throw new DeployError('usage', 'Both --manifests - and --outputs-file - read standard input.', {
      fix: 'Name a file for one of them.',
    });
  }
  return {
    config,
    addons: texts(options, 'with'),
    ...(namespace === undefined ? {} : { namespace }),
    ...(manifests.length === 0 ? {} : { manifests }),
    resolve: {
      ...surroundingsRequest(options, config, context),
      set,
      secretsFile: text(options, 'secretsFile'),
    },
    images,
    wantsAdvice: isOn(options, 'verbose'),
  };
}

/** The same, and the cluster it goes to. */
export async function planningRequest(options: Options, context: Context): Promise<PlanningRequest> {
  const prepared = await prepareRequest(options, context);
  const target = await targetRequest(options, prepared.config, context);
  context.host.place(nextFlags(options, { config: prepared.config, target }, context.env));
  return {
    ...prepared,
    forceConflicts: isOn(options, 'forceConflicts'),
    target,
    prune: pruneOf(prepared, options),
    ...preflightOptions(options),
  };
}

/** Manifests that are given beside a configuration may be a part of what it has: the rest has not left. */
function pruneOf({ config, manifests }: PrepareRequest, options: Options): PruneOptions {
  const prune = pruneFrom(options);
  return config.origin === 'file' && manifests !== undefined ? { ...prune, isOff: true } : prune;
}
