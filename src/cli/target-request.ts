import { relative, resolve } from 'node:path';
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
    sandboxRuns: async () => (await runningSandbox(context)).kubeconfig !== undefined,
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
    ...outputsPlace(options, config, cwd),
    terraformBin: text(options, 'terraformBin') ?? config.terraform.bin,
    workspace: config.terraform.workspace,
    region: text(options, 'region'),
    profile: text(options, 'profile'),
    regionOutputs: regionOutputsOf(config),
  };
}

/** A flag that names a place of outputs goes before what the configuration says, folder or file. */
function outputsPlace(
  options: Options,
  { terraform, directory }: Config,
  cwd: string,
): Pick<SurroundingsRequest, 'terraformDir' | 'outputsFile'> {
  const given = { terraformDir: text(options, 'terraformDir'), outputsFile: text(options, 'outputsFile') };
  if (given.terraformDir !== undefined || given.outputsFile !== undefined) return given;
  const from = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : relative(cwd, resolve(directory, path)) || '.';
  return { terraformDir: from(terraform.dir), outputsFile: from(terraform.outputs) };
}

async function sandboxKubeconfig(context: Context): Promise<string> {
  const { directory, kubeconfig } = await runningSandbox(context);
  if (kubeconfig !== undefined) return kubeconfig;
  throw new DeployError('refused', 'The sandbox is not running.', {
    why: `Looked in ${directory}.`,
    fix: 'Start it: oms-deploy sandbox start. One in another folder is named by OMS_DEPLOY_STATE.',
  });
}

async function runningSandbox(
  context: Context,
): Promise<{ readonly directory: string; readonly kubeconfig: string | undefined }> {
  const { readState, stateFiles, usualStateDir } = await import('../sandbox/state.ts');
  const directory = usualStateDir(context);
  const isReady = readState(directory)?.status === 'ready';
  return { directory, kubeconfig: isReady ? stateFiles(directory).kubeconfig : undefined };
}
