import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { inputOptions, isOn, text } from '../options.ts';

export const renderCommand: Command = {
  name: 'render',
  summary: 'write the manifests with all values filled in, without a cluster',
  options: [
    ...inputOptions,
    ...imageOptions,
    { flags: '--output-dir <dir>', description: 'write one file per object into this folder instead of stdout' },
    { flags: '--show-secrets', description: 'write the values of Secrets; else they are redacted' },
  ],
  examples: ['oms-deploy render --outputs-file outputs.json', 'oms-deploy render --show-secrets --output-dir rendered'],
  async run(options, _args, context) {
    const { prepareRequest } = await import('../deploy-request.ts');
    const { renderManifests } = await import('../../deploy/render.ts');
    const directory = text(options, 'outputDir');
    const request = {
      ...(await prepareRequest(options, context)),
      showSecrets: isOn(options, 'showSecrets'),
      ...(directory === undefined ? {} : { directory }),
    };
    const { yaml, files, objects, findings } = await renderManifests(request, context.host, context.signal);
    return {
      ok: true,
      exitCode: 0,
      findings,
      data: { objects, files: [...files] },
      text: directory === undefined ? yaml : `${files.length} files written to ${directory}`,
    };
  },
};
