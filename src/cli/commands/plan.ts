import type { Command } from '../command.ts';
import { clusterOptions, inputOptions, isOn } from '../options.ts';
import { pruneOptions } from '../release-flags.ts';

export const planCommand: Command = {
  name: 'plan',
  summary: 'show what up would change, and change nothing',
  options: [
    ...inputOptions,
    ...clusterOptions,
    ...pruneOptions,
    { flags: '--detailed-exitcode', description: 'exit 9 where up would change something' },
  ],
  examples: [
    'oms-deploy plan --terraform-dir ../terraform',
    'oms-deploy plan --outputs-file outputs.json --detailed-exitcode',
  ],
  async run(options, _args, context) {
    const { planningRequest } = await import('../deploy-request.ts');
    const { planDeploy } = await import('../../deploy/planning.ts');
    const { countChanges, hasChanges } = await import('../../model/plan.ts');
    const { exitCodes } = await import('../../errors.ts');
    const { plan, cluster } = await planDeploy(await planningRequest(options, context), context.host, context.signal);
    cluster.close();
    context.host.emit({ type: 'plan', plan, isResult: true });
    const exitCode = isOn(options, 'detailedExitcode') && hasChanges(plan) ? exitCodes.changes : exitCodes.done;
    return {
      ok: true,
      exitCode,
      findings: plan.findings,
      data: { release: plan.release ?? null, changes: countChanges(plan) },
      text: '',
    };
  },
};
