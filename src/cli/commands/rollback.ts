import type { Command } from '../command.ts';
import { clusterOptions, isOn, optionName, reportOption } from '../options.ts';
import { ownerOptions } from '../owner-options.ts';
import { preflightOption, pruneOptions, releaseOptions } from '../release-flags.ts';
import { releaseNumber } from '../release-number.ts';

export const rollbackCommand: Command = {
  name: 'rollback',
  summary: 'go back to an earlier release, with everything it had',
  changes: true,
  arguments: [
    {
      name: '[release]',
      description:
        'its number (default: the last good one before the newest; of a rollback that did not end well, the same again)',
    },
  ],
  options: [
    ...ownerOptions,
    ...clusterOptions.filter(({ flags }) => optionName(flags) === 'forceConflicts'),
    ...releaseOptions,
    ...pruneOptions,
    preflightOption,
    {
      flags: '--restore-secrets',
      description: 'give Secrets their recorded values back (default: the live ones stay)',
    },
    reportOption,
  ],
  examples: ['oms-deploy rollback', 'oms-deploy rollback 3 --yes'],
  async run(options, [number], context) {
    const { placeRequest } = await import('../place-request.ts');
    const { carryOutOptions } = await import('../release-options.ts');
    const { preflightOptions } = await import('../preflight-options.ts');
    const { pruneFrom } = await import('../release-flags.ts');
    const { rollBack } = await import('../../deploy/rollback-release.ts');
    const { deployResult } = await import('../deploy-result.ts');
    const startedMs = Date.now();
    // First where: what is wrong with the number then names commands that look there.
    const place = await placeRequest(options, context);
    const to = releaseNumber(number);
    const request = {
      ...carryOutOptions(options, context),
      place,
      prune: pruneFrom(options),
      ...preflightOptions(options),
      forceConflicts: isOn(options, 'forceConflicts'),
      restoreSecrets: isOn(options, 'restoreSecrets'),
      ...(to === undefined ? {} : { to }),
    };
    const deployed = await rollBack(request, context.host, context.signal);
    return deployResult(deployed, options, place, context, startedMs, true);
  },
};
