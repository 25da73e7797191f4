import type { Command } from '../command.ts';
import { inputOptions, optionName, outOption, text } from '../options.ts';
import { eksOptions } from './token.ts';

export const kubeconfigCommand: Command = {
  name: 'kubeconfig',
  summary: 'write a kubeconfig of its own for an EKS cluster, for kubectl and others',
  changes: true,
  options: [
    ...eksOptions,
    ...inputOptions.filter(({ flags }) => optionName(flags) === 'namespace'),
    outOption,
    {
      flags: '--exec <program>',
      description: 'what gives kubectl its tokens: aws (default) or oms-deploy',
      choices: ['aws', 'oms-deploy'],
    },
  ],
  examples: [
    'oms-deploy kubeconfig --cluster crypto-oms-dev --out kubeconfig',
    'oms-deploy kubeconfig --terraform-dir ../terraform --out kubeconfig --exec oms-deploy',
  ],
  async run(options, _args, context) {
    const { loadConfig } = await import('../../config/load.ts');
    const { configRequest } = await import('../choose-config.ts');
    const { DeployError } = await import('../../errors.ts');
    const { namespaceOption } = await import('../options.ts');
    const { targetRequest } = await import('../target-request.ts');
    const { writeKubeconfig } = await import('../../target/write-kubeconfig.ts');
    const { shellQuoted } = await import('../../model/text.ts');
    const path = text(options, 'out');
    if (path === undefined)
      throw new DeployError('usage', 'Where shall the kubeconfig be written?', { fix: 'Name a file: --out <file>.' });
    const config = await loadConfig(configRequest(options, context));
    const file = {
      path,
      namespace: namespaceOption(options) ?? config.namespace,
      exec: text(options, 'exec') === 'oms-deploy' ? ('oms-deploy' as const) : ('aws' as const),
      self: [context.execPath, context.programPath],
    };
    const written = await writeKubeconfig(
      file,
      await targetRequest(options, config, context),
      context.host,
      context.signal,
    );
    const next = `kubectl --kubeconfig ${shellQuoted(path)} get pods`;
    return { ok: true, exitCode: 0, findings: [], data: { ...written }, text: `Written. Use it: ${next}\n` };
  },
};
