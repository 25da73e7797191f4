import { posix } from 'node:path';
import type { Rendered } from '../../deploy/render.ts';
import { countOf } from '../../model/age.ts';
import { shellQuoted } from '../../model/text.ts';
import type { Command } from '../command.ts';
import { handoverOptions } from '../handover-options.ts';
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
    ...handoverOptions,
  ],
  examples: [
    'oms-deploy render --outputs-file outputs.json',
    'oms-deploy render --show-secrets --output-dir rendered',
    'oms-deploy render --for argocd --output-dir rendered --repo https://github.com/acme/shop.git',
  ],
  async run(options, _args, context) {
    const { handoverFlags } = await import('../handover-flags.ts');
    const { prepareRequest } = await import('../deploy-request.ts');
    const handover = await handoverFlags(options, context);
    const directory = text(options, 'outputDir');
    const request = {
      ...(await prepareRequest(options, context)),
      ...(directory === undefined ? {} : { directory }),
    };
    const { host, signal } = context;
    const rendered = async (): Promise<Rendered> => {
      if (handover !== undefined) {
        const { handOver } = await import('../../deploy/gitops/hand-over.ts');
        return handOver({ ...request, ...handover }, host, signal);
      }
      const { renderManifests } = await import('../../deploy/render.ts');
      return renderManifests({ ...request, showSecrets: isOn(options, 'showSecrets') }, host, signal);
    };
    const { yaml, files, objects, findings } = await rendered();
    return {
      ok: true,
      exitCode: 0,
      findings,
      data: { objects, files: [...files] },
      text: directory === undefined ? yaml : writtenText(files.length, directory, handover?.engine),
    };
  },
};

/** What an engine is told once comes after what it reads: it looks into the repository. */
function writtenText(files: number, directory: string, engine: 'argocd' | 'flux' | undefined): string {
  const written = `${countOf(files, 'file')} written to ${directory}`;
  if (engine === undefined) return written;
  const first = shellQuoted(posix.join(directory, engine === 'argocd' ? 'application.yaml' : 'flux.yaml'));
  return `${written}\n  next   commit and push them, then once: kubectl apply -f ${first}`;
}
