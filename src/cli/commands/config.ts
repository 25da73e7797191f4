import { DeployError } from '../../errors.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { inputOptions, isOn } from '../options.ts';

const options = [
  ...inputOptions,
  ...imageOptions,
  { flags: '--sources', description: 'say of each value who says it: flag, variable, environment, file or default' },
  { flags: '--events', description: 'of schema: that of a line of --output json' },
];

export const configCommand: Command = {
  name: 'config',
  summary: 'show the configuration that a run has, or the JSON Schema of oms-deploy.yaml for editors, or of the events',
  arguments: [{ name: '[action]', description: 'what to show (default: show)', choices: ['show', 'schema'] }],
  options,
  examples: [
    'oms-deploy config show --sources --env prod',
    'oms-deploy config schema',
    'oms-deploy config schema --events',
  ],
  async run(given, [action = 'show'], context) {
    const done = { ok: true, exitCode: 0, findings: [] };
    if (action === 'schema') {
      const jsonSchema = await schemaOf(isOn(given, 'events'));
      return { ...done, data: { jsonSchema }, text: `${JSON.stringify(jsonSchema, null, 2)}\n` };
    }
    if (isOn(given, 'events')) {
      throw new DeployError('usage', 'config show takes no --events.', {
        fix: 'Use: oms-deploy config schema --events.',
      });
    }
    const { chooseConfig } = await import('../choose-config.ts');
    const { givenInputs, givenSettings } = await import('../given-settings.ts');
    const { settingsOf, settingsValue } = await import('../../config/settings.ts');
    const { formatSettings } = await import('../../ui/settings.ts');
    const { formatYaml } = await import('../../model/yaml.ts');
    const { assignments } = await import('../options.ts');
    assignments(given);
    const config = await chooseConfig(given, context);
    const hasInputs = givenInputs(given, context.env).length > 0;
    const { shownInputs } = await import('../shown-inputs.ts');
    const shown = hasInputs ? await shownInputs(given, config, context) : new Set<string>();
    const settings = settingsOf(config, givenSettings(given, options, shown, context.env));
    const value = settingsValue(settings);
    const sources = settings.map(({ path, value: said, source, detail }) => ({
      field: path.join('.'),
      value: said,
      source,
      detail,
    }));
    return {
      ...done,
      data: { file: config.file, environment: config.environment ?? null, config: value, sources },
      text: isOn(given, 'sources') ? formatSettings(settings) : formatYaml(value),
    };
  },
};

async function schemaOf(isOfEvents: boolean): Promise<JsonObject> {
  if (isOfEvents) return (await import('../../ui/event-schema.ts')).eventJsonSchema();
  return (await import('../../config/json-schema.ts')).configJsonSchema();
}
