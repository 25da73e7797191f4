import type { ConnectOptions } from '../cluster/connect.ts';
import type { Context } from '../context.ts';
import type { PruneOptions } from '../deploy/deletions.ts';
import type { PlanningRequest } from '../deploy/planning.ts';
import type { PrepareRequest } from '../deploy/prepare.ts';
import { DeployError } from '../errors.ts';
import { chooseConfig } from './choose-config.ts';
import type { Options } from './command.ts';
import { nextFlags } from './next-flags.ts';
import { isOn, namespaceOption, text, texts } from './options.ts';
import { pruneFrom } from './release-flags.ts';

/** What `up`, `plan` and `render` deploy, from their flags. */
export async function prepareRequest(options: Options, context: Context): Promise<PrepareRequest> {
  const config = await chooseConfig(options, context);
  const namespace = namespaceOption(options);
  const manifests = texts(options, 'manifests');
  if (manifests.includes('-') && text(options, 'outputsFile') === '-') {
    throw new DeployError('usage', 'Both --manifests - and --outputs-file - read standard input.', {
      fix: 'Name a file for one of them.',
    });
  }
  const { env, cwd, readStdin } = context;
  return {
    config,
    addons: texts(options, 'with'),
    ...(namespace === undefined ? {} : { namespace }),
    ...(manifests.length === 0 ? {} : { manifests }),
    resolve: {
      env,
      cwd,
      readStdin,
      set: texts(options, 'set'),
      secretsFile: text(options, 'secretsFile'),
      terraformDir: text(options, 'terraformDir'),
      terraformBin: text(options, 'terraformBin'),
      outputsFile: text(options, 'outputsFile'),
      region: text(options, 'region'),
      profile: text(options, 'profile'),
    },
  };
}

/** The same, and the cluster it goes to. */
export async function planningRequest(options: Options, context: Context): Promise<PlanningRequest> {
  const prepared = await prepareRequest(options, context);
  const connect = await connectOptions(options, context);
  context.host.place(nextFlags(options, { config: prepared.config, connect }, context.env));
  return {
    ...prepared,
    forceConflicts: isOn(options, 'forceConflicts'),
    connect,
    prune: pruneOf(prepared, options),
  };
}

/** Manifests that are given beside a configuration may be a part of what it has: the rest has not left. */
function pruneOf({ config, manifests }: PrepareRequest, options: Options): PruneOptions {
  const prune = pruneFrom(options);
  return config.origin === 'file' && manifests !== undefined ? { ...prune, isOff: true } : prune;
}

/** Which cluster: `--kubeconfig`, `--context`, or the sandbox. */
export async function connectOptions(options: Options, context: Context): Promise<ConnectOptions> {
  const kubeconfig = isOn(options, 'sandbox') ? await sandboxKubeconfig(options, context) : text(options, 'kubeconfig');
  const contextName = text(options, 'context');
  return {
    env: context.env,
    homeDir: context.homeDir,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(contextName === undefined ? {} : { context: contextName }),
  };
}

async function sandboxKubeconfig(options: Options, context: Context): Promise<string> {
  if (text(options, 'kubeconfig') !== undefined || text(options, 'context') !== undefined) {
    throw new DeployError('usage', '--sandbox names the cluster; so do --kubeconfig and --context.', {
      fix: 'Leave one out.',
    });
  }
  const { readState, stateDir, stateFiles } = await import('../sandbox/state.ts');
  const directory = stateDir(context, context.env.OMS_DEPLOY_STATE);
  if (readState(directory)?.status === 'ready') return stateFiles(directory).kubeconfig;
  throw new DeployError('refused', 'The sandbox is not running.', { fix: 'Start it: oms-deploy sandbox start.' });
}
