import type { Command } from '../command.ts';

export const completionCommand: Command = {
  name: 'completion',
  summary: 'print a script that completes commands, flags and names in bash, zsh or fish',
  arguments: [{ name: '<shell>', description: 'which shell', choices: ['bash', 'zsh', 'fish'] }],
  options: [],
  examples: ['oms-deploy completion bash', 'oms-deploy completion zsh'],
  async run(_options, [shell = '']) {
    const { completionScripts } = await import('../complete/scripts/index.ts');
    const script = completionScripts[shell] ?? '';
    return { ok: true, exitCode: 0, findings: [], data: { script }, text: script };
  },
};
