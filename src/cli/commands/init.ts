import type { Command } from '../command.ts';
import { inputOptions, isOn, namespaceOption, optionName, outOption, text, texts } from '../options.ts';

const taken: ReadonlySet<string> = new Set(['namespace', 'manifests', 'terraformDir', 'terraformBin', 'outputsFile']);

export const initCommand: Command = {
  name: 'init',
  summary: 'write an oms-deploy.yaml for the manifests of this folder: finds where each value comes from',
  changes: true,
  options: [
    ...inputOptions.filter(({ flags }) => taken.has(optionName(flags))),
    outOption,
    { flags: '-y, --yes', description: 'do not ask before changing something' },
  ],
  examples: ['oms-deploy init', 'oms-deploy init -f k8s --outputs-file outputs.json --yes'],
  async run(options, _args, context) {
    const { initConfig } = await import('../../init/init.ts');
    const { formatInit, sourceText } = await import('../../ui/init.ts');
    const { env, cwd, readStdin } = context;
    const outcome = await initConfig(
      {
        manifests: texts(options, 'manifests'),
        namespace: namespaceOption(options),
        out: text(options, 'out') ?? 'oms-deploy.yaml',
        yes: isOn(options, 'yes'),
        outputs: {
          env,
          cwd,
          readStdin,
          terraformDir: text(options, 'terraformDir'),
          terraformBin: text(options, 'terraformBin'),
          outputsFile: text(options, 'outputsFile'),
        },
      },
      context.host,
      context.signal,
    );
    const { file, application, namespace, proposals, styles, manifests, upcoming } = outcome;
    const unresolved = proposals.filter(({ confidence }) => confidence === 'open').map(({ input }) => input.name);
    return {
      ok: true,
      exitCode: 0,
      findings: [],
      data: {
        ...{ file, application, namespace, unresolved, objects: upcoming.objects.length },
        inputs: proposals.map((proposal) => {
          const { input, confidence, reason } = proposal;
          return { name: input.name, source: sourceText(proposal), confidence, reason };
        }),
        styles: [...styles],
        manifests: [...manifests],
      },
      text: (style) => formatInit(outcome, style),
    };
  },
};
