import type { Command } from '../command.ts';
import { clusterOptions, inputOptions, optionName } from '../options.ts';

const names: ReadonlySet<string> = new Set([
  ...['cluster', 'region', 'profile', 'config', 'env'],
  ...['terraformDir', 'terraformBin', 'outputsFile'],
]);

/** Flags of the commands that need to know an EKS cluster, and no more. */
export const eksOptions = [...inputOptions, ...clusterOptions].filter(({ flags }) => names.has(optionName(flags)));

export const tokenCommand: Command = {
  name: 'token',
  summary: 'print a token for an EKS cluster, as kubectl asks for one (see kubeconfig)',
  options: eksOptions,
  examples: ['oms-deploy token --cluster crypto-oms-dev --region us-east-1'],
  async run(options, _args, context) {
    const { loadConfig } = await import('../../config/load.ts');
    const { configRequest } = await import('../choose-config.ts');
    const { targetRequest } = await import('../target-request.ts');
    const { execCredential } = await import('../../target/exec-credential.ts');
    const config = await loadConfig(configRequest(options, context));
    const request = await targetRequest(options, config, context);
    const credential = await execCredential(request, context.host, context.signal);
    // What kubectl reads is JSON, whatever --output says.
    return { ok: true, exitCode: 0, findings: [], data: { credential }, text: `${JSON.stringify(credential)}\n` };
  },
};
