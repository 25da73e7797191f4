import type { Command } from '../command.ts';
import { imageOptions } from '../image-flags.ts';
import { inputOptions, isOn } from '../options.ts';

const options = [
  ...inputOptions,
  ...imageOptions,
  { flags: '--sources', description: 'say of each value who says it: flag, variable, environment, file or default' },
];

export const configCommand: Command = {
  name: 'config',
  summary: 'show the configuration that a run has, or the JSON Schema of oms-deploy.yaml for editors',
  arguments: [{ name: '[action]', description: 'what to show (default: show)', choices: ['show', 'schema'] }],
  options,
  examples: ['oms-deploy config show --sources --env prod', 'oms-deploy config schema'],
  async run(given, [action = 'show'], context) {
    const done = { ok: true, exitCode: 0, findings: [] };
    if (action === 'schema') {
      const { configJsonSchema } = await import('../../config/json-schema.ts');
      const schema = configJsonSchema();
      return { ...done, data: { schema }, text: `${JSON.stringify(schema, null, 2)}\n` };
    }
    const { chooseConfig } = await import('../choose-config.ts');
    const { givenInputs, givenSettings } = await import('../given-settings.ts');
    const { settingsOf, settingsValue } = await import('../../config/settings.ts');
    const { formatSettings } = await import('../../ui/settings.ts');
    const { formatYaml } = await import('../../model/yaml.ts');
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
