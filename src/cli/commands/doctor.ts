import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { junitOption, lookOptions } from '../look-options.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'explain what is wrong with a deployment, with proof and what to do',
  options: [...lookOptions, ...imageOptions, junitOption],
  examples: ['oms-deploy doctor', 'oms-deploy doctor --context production'],
  async run(options, _args, context) {
    const { lookRequest } = await import('../look-request.ts');
    const { judge } = await import('../judge.ts');
    return judge('doctor', await lookRequest(options, context), context);
  },
};
