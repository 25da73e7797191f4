import type { Command } from '../command.ts';
import { deployImageOptions } from '../image-flags.ts';
import { clusterOptions, inputOptions, isOn, optionalDuration, reportOption, text } from '../options.ts';
import { preflightOption, pruneOptions, releaseOptions } from '../release-flags.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'deploy: plan, confirm, apply in order, wait until everything is ready',
  changes: true,
  options: [
    ...inputOptions,
    ...deployImageOptions,
    ...clusterOptions,
    ...releaseOptions,
    ...pruneOptions,
    preflightOption,
    { flags: '--plan <file>', description: 'only as a saved plan says (plan --out): refuse if anything moved since' },
    { flags: '--rollback-on-failure', description: 'go back to the last good release where this one fails' },
    { flags: '--rollback-timeout <duration>', description: 'how long that may take (default: that of --timeout)' },
    reportOption,
  ],
  examples: [
    'oms-deploy up --terraform-dir ../terraform',
    'oms-deploy up --outputs-file outputs.json --secrets-file secrets.env --yes',
    'oms-deploy up --sandbox --outputs-file outputs.json --tag 1.4.2',
  ],
  async run(options, _args, context) {
    const { planningRequest } = await import('../deploy-request.ts');
    const { carryOutOptions } = await import('../release-options.ts');
    const { deploy } = await import('../../deploy/deploy.ts');
    const { readPlan } = await import('../../deploy/plan-file.ts');
    const { deployResult } = await import('../deploy-result.ts');
    const startedMs = Date.now();
    const carryOut = carryOutOptions(options, context);
    const rollbackTimeoutMs = isOn(options, 'rollbackOnFailure')
      ? (optionalDuration(options, 'rollbackTimeout', '--rollback-timeout') ?? carryOut.timeoutMs)
      : undefined;
    const planning = await planningRequest(options, context);
    const file = text(options, 'plan');
    const anchor = file === undefined ? undefined : await readPlan(file, context.cwd);
    const request = { ...planning, ...carryOut, rollbackTimeoutMs, anchor };
    const deployed = await deploy(request, context.host, context.signal);
    return deployResult(deployed, options, request, context, startedMs);
  },
};
