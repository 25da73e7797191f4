import type { Command } from '../command.ts';
import { allowLatestOption } from '../image-flags.ts';
import { clusterOptions, optionName, reportOption } from '../options.ts';
import { ownerOptions } from '../owner-options.ts';
import { preflightOption, releaseOptions } from '../release-flags.ts';

export const rolloutCommand: Command = {
  name: 'rollout',
  summary: 'one workload: wait for it, restart, pause or resume it, set its image, undo that',
  changes: true,
  arguments: [
    {
      name: '<action>',
      description: 'what to do',
      choices: ['status', 'restart', 'set-image', 'pause', 'resume', 'undo'],
    },
    { name: '[workload]', description: 'its name; where several kinds have it: deployment/web' },
    {
      name: '[image]',
      description: 'of set-image: the new image, :tag for another tag of the one it has, or container=image',
    },
  ],
  options: [
    ...ownerOptions,
    ...clusterOptions.filter(({ flags }) => optionName(flags) === 'forceConflicts'),
    ...releaseOptions,
    preflightOption,
    allowLatestOption,
    { flags: '--container <name>', description: 'of set-image: which container, where a workload has several' },
    reportOption,
  ],
  examples: [
    'oms-deploy rollout status order-ingestion',
    'oms-deploy rollout restart order-ingestion',
    'oms-deploy rollout set-image order-ingestion registry.example.com/order-ingestion:1.4.3',
    'oms-deploy rollout undo order-ingestion',
  ],
  async run(options, args, context) {
    const { runRollout } = await import('../rollout.ts');
    return runRollout(options, args, context);
  },
};
