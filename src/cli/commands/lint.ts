import type { Command, OptionSpec } from '../command.ts';
import { allowLatestOption, imageOptions } from '../image-flags.ts';
import { inputOptions, isOn, optionName, text, texts } from '../options.ts';

const taken: ReadonlySet<string> = new Set(['config', 'env', 'namespace', 'manifests', 'with']);

const lintOptions: readonly OptionSpec[] = [
  ...inputOptions.filter(({ flags }) => taken.has(optionName(flags))),
  ...imageOptions,
  allowLatestOption,
  {
    flags: '--kubernetes-version <version>',
    description: 'version that the manifests go to, such as 1.34 (default: the newest that is known, 1.36)',
  },
  { flags: '--strict', description: 'warnings count: exit 3' },
];

export const lintCommand: Command = {
  name: 'lint',
  summary: 'say what is wrong or unwise in the manifests, without a cluster, AWS or inputs; exit 3 on errors',
  options: lintOptions,
  examples: ['oms-deploy lint -f k8s/', 'oms-deploy lint --strict --kubernetes-version 1.34'],
  async run(options, _args, context) {
    const { anyNamespace, chooseConfig } = await import('../choose-config.ts');
    const { imageFlags } = await import('../image-flags.ts');
    const { namespaceOption } = await import('../options.ts');
    const { kubernetesMinor } = await import('../kubernetes-version.ts');
    const { lintFiles } = await import('../../lint/lint-files.ts');
    const { lintResult } = await import('../lint-result.ts');
    const { planFlags } = await import('../next-flags.ts');
    const minor = kubernetesMinor(text(options, 'kubernetesVersion'));
    const config = await chooseConfig(options, context, 'judgement');
    const manifests = texts(options, 'manifests');
    const namespace = namespaceOption(options);
    const { cwd, env, readStdin } = context;
    const request = {
      ...{ config, minor },
      reading: { cwd, env, readStdin },
      images: imageFlags(options),
      addons: texts(options, 'with'),
      ...(manifests.length === 0 ? {} : { manifests }),
      // Manifests without a configuration are called by where they are.
      ...(config.origin === 'manifests' ? { title: manifests.map(shownPath).join(', ') } : {}),
      ...(namespace === undefined ? {} : { namespace }),
      ...(config.origin === 'manifests' && namespace === undefined ? { standIn: anyNamespace } : {}),
    };
    const linted = await lintFiles(request, context.signal);
    return lintResult(linted, planFlags(options, env), isOn(options, 'strict'));
  },
};

function shownPath(path: string): string {
  return path === '-' ? 'standard input' : path;
}
