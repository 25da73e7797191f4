import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { junitOption, lookOptions } from '../look-options.ts';
import { reportOption } from '../options.ts';

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check a deployment: pods, Services, probes, HPAs, configuration; exit 10 on problems',
  options: [...lookOptions, ...imageOptions, junitOption, reportOption],
  examples: [
    'oms-deploy verify',
    'oms-deploy verify --namespace staging --output json',
    'oms-deploy verify --junit verify.xml',
  ],
  async run(options, _args, context) {
    const { lookRequest } = await import('../look-request.ts');
    const { judge } = await import('../judge.ts');
    return judge('verify', await lookRequest(options, context), context);
  },
};
