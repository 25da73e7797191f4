import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { clusterOptions, inputOptions, optionName } from '../options.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'say where a value comes from: placeholder, input and source, and who changed it since',
  arguments: [
    { name: '<object>', description: 'such as configmap/app-config' },
    {
      name: '[field]',
      description: 'such as redis-endpoint, spec.replicas or LOG_LEVEL (default: all that inputs fill)',
    },
  ],
  options: [
    ...inputOptions,
    ...imageOptions,
    ...clusterOptions.filter(({ flags }) => optionName(flags) !== 'forceConflicts'),
  ],
  examples: [
    'oms-deploy explain configmap/app-config redis-endpoint --terraform-dir ../terraform',
    'oms-deploy explain deployment/order-ingestion image --sandbox',
  ],
  async run(options, [object = '', field], context) {
    const { planningRequest } = await import('../deploy-request.ts');
    const { explain } = await import('../../deploy/explain/explain.ts');
    const { explanationView, formatExplanation } = await import('../../ui/explanation.ts');
    const request = {
      ...(await planningRequest(options, context)),
      object,
      ...(field === undefined ? {} : { field }),
    };
    const explanation = await explain(request, context.host, context.signal);
    return {
      ok: true,
      exitCode: 0,
      findings: [],
      data: explanationView(explanation),
      text: (style) => formatExplanation(explanation, style),
    };
  },
};
