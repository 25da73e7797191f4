import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { clusterOptions, inputOptions, optionName } from '../options.ts';

export const explainCommand: Command = {
  name: 'explain',
  summary: 'say where a value comes from, or where an input goes: placeholder, input, source, and who changed it since',
  arguments: [
    { name: '<name>', description: 'an object such as configmap/app-config, or an input such as redis_endpoint' },
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
    'oms-deploy explain redis_endpoint',
  ],
  async run(options, [name = '', field], context) {
    const { planningRequest } = await import('../deploy-request.ts');
    const { explain } = await import('../../deploy/explain/explain.ts');
    const { explanationView, formatExplanation } = await import('../../ui/explanation.ts');
    const request = {
      ...(await planningRequest(options, context)),
      name,
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
