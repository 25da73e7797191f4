import type { Command } from '../command.ts';
import { deployImageOptions } from '../image-flags.ts';
import { clusterOptions, inputOptions, isOn, outOption, text } from '../options.ts';
import { preflightOption, pruneOptions } from '../release-flags.ts';

export const planCommand: Command = {
  name: 'plan',
  summary: 'show what up would change, and change nothing',
  options: [
    ...inputOptions,
    ...deployImageOptions,
    ...clusterOptions,
    ...pruneOptions,
    preflightOption,
    outOption,
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
    const { anchorOf } = await import('../../deploy/anchor.ts');
    const { writePlan } = await import('../../deploy/plan-file.ts');
    const { planFlags } = await import('../next-flags.ts');
    const { shellQuoted } = await import('../../model/text.ts');
    const { exitCodes } = await import('../../errors.ts');
    const planned = await planDeploy(await planningRequest(options, context), context.host, context.signal);
    const { plan, cluster } = planned;
    cluster.close();
    context.host.emit({ type: 'plan', plan, isResult: true });
    const out = text(options, 'out');
    if (out !== undefined) await writePlan(out, context.cwd, await anchorOf(planned, context.version, Date.now()));
    const exitCode = isOn(options, 'detailedExitcode') && hasChanges(plan) ? exitCodes.changes : exitCodes.done;
    return {
      ok: true,
      exitCode,
      findings: plan.findings,
      data: { release: plan.release ?? null, changes: countChanges(plan), ...(out === undefined ? {} : { out }) },
      text:
        out === undefined
          ? ''
          : () =>
              `\nSaved. Carry it out with the same inputs: oms-deploy up --plan ${shellQuoted(out)}${planFlags(options, context.env)}\n`,
    };
  },
};
