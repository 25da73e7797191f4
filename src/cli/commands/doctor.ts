import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { junitOption, lookOptions } from '../look-options.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'explain what is wrong with a deployment, with proof and what to do',
  arguments: [
    {
      name: '[topic]',
      description: 'only this: network tells who may reach whom, on which port, and which NetworkPolicy says so',
      choices: ['network'],
    },
  ],
  options: [...lookOptions, ...imageOptions, junitOption],
  examples: ['oms-deploy doctor', 'oms-deploy doctor network', 'oms-deploy doctor --context production'],
  async run(options, [topic], context) {
    if (topic === 'network') {
      const { doctorNetwork } = await import('../doctor-network.ts');
      return doctorNetwork(options, context);
    }
    const { lookRequest } = await import('../look-request.ts');
    const { judge } = await import('../judge.ts');
    return judge('doctor', await lookRequest(options, context), context);
  },
};
