import type { Command } from '../command.ts';
import { clusterOptions, inputOptions, isOn, optionalDuration } from '../options.ts';
import { pruneOptions, releaseOptions } from '../release-flags.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'deploy: plan, confirm, apply in order, wait until everything is ready',
  options: [...inputOptions, ...clusterOptions, ...releaseOptions, ...pruneOptions],
  examples: [
    'oms-deploy up --terraform-dir ../terraform',
    'oms-deploy up --outputs-file outputs.json --secrets-file secrets.env --yes',
    'oms-deploy up --sandbox --outputs-file outputs.json --set image_tag=1.4.2',
  ],
  async run(options, _args, context) {
    const { planningRequest } = await import('../deploy-request.ts');
    const { carryOutOptions } = await import('../release-options.ts');
    const { deploy } = await import('../../deploy/deploy.ts');
    const { deployResult } = await import('../deploy-result.ts');
    const startedMs = Date.now();
    const carryOut = carryOutOptions(options, context);
    const rollbackTimeoutMs = isOn(options, 'rollbackOnFailure')
      ? (optionalDuration(options, 'rollbackTimeout', '--rollback-timeout') ?? carryOut.timeoutMs)
      : undefined;
    const request = { ...(await planningRequest(options, context)), ...carryOut, rollbackTimeoutMs };
    const deployed = await deploy(request, context.host, context.signal);
    return deployResult(deployed, options, request, context, startedMs);
  },
};
