import type { Config } from '../config/schema.ts';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { regionOutputsOf, type SurroundingsRequest } from '../inputs/surroundings.ts';
import { refuseTwo, type TargetRequest } from '../target/request.ts';
import type { Options } from './command.ts';
import { isOn, text } from './options.ts';

/** Which cluster, from the flags and the configuration. */
export async function targetRequest(options: Options, config: Config, context: Context): Promise<TargetRequest> {
  const named = {
    kubeconfig: text(options, 'kubeconfig'),
    context: text(options, 'context'),
    cluster: text(options, 'cluster'),
  };
  // Before anything else is begun.
  refuseTwo({ ...named, sandbox: isOn(options, 'sandbox') ? '--sandbox' : undefined });
  return {
    ...named,
    sandbox: isOn(options, 'sandbox') ? await sandboxKubeconfig(context) : undefined,
    expect: config.expect,
    homeDir: context.homeDir,
    surroundings: surroundingsRequest(options, config, context),
  };
}

/** Where Terraform's outputs are, and how AWS is called, from the flags. */
export function surroundingsRequest(options: Options, config: Config, context: Context): SurroundingsRequest {
  const { env, cwd, readStdin } = context;
  return {
    env,
    cwd,
    readStdin,
    terraformDir: text(options, 'terraformDir'),
    terraformBin: text(options, 'terraformBin'),
    outputsFile: text(options, 'outputsFile'),
    region: text(options, 'region'),
    profile: text(options, 'profile'),
    regionOutputs: regionOutputsOf(config),
  };
}

async function sandboxKubeconfig(context: Context): Promise<string> {
  const { readState, stateDir, stateFiles } = await import('../sandbox/state.ts');
  const directory = stateDir(context, context.env.OMS_DEPLOY_STATE);
  if (readState(directory)?.status === 'ready') return stateFiles(directory).kubeconfig;
  throw new DeployError('refused', 'The sandbox is not running.', {
    why: `Looked in ${directory}.`,
    fix: 'Start it: oms-deploy sandbox start. One in another folder is named by OMS_DEPLOY_STATE.',
  });
}
