import type { Config } from '../config/schema.ts';
import type { GivenSetting } from '../config/settings.ts';
import type { Environment } from '../context.ts';
import { envNameOf, inputOfEnvName } from '../inputs/names.ts';
import type { Json } from '../model/json.ts';
import type { OptionSpec, Options } from './command.ts';
import { longFlag, optionName, optionVariable, texts } from './options.ts';

/** The fields of the configuration that a flag beats. */
const fields: Readonly<Record<string, readonly string[]>> = {
  namespace: ['namespace'],
  manifests: ['manifests'],
  terraformDir: ['terraform', 'dir'],
  terraformBin: ['terraform', 'bin'],
  outputsFile: ['terraform', 'outputs'],
  allowLatest: ['allowLatest'],
  pullSecret: ['imagePullSecret'],
};

/** What flags and variables of this run say of the configuration. Values of secrets are left out. */
export function givenSettings(
  options: Options,
  specs: readonly OptionSpec[],
  config: Config,
  env: Environment,
): readonly GivenSetting[] {
  const ofFlags = specs.flatMap((spec): readonly GivenSetting[] => {
    const name = optionName(spec.flags);
    const path = fields[name];
    const value = options[name];
    if (path === undefined || value === undefined) return [];
    const variable = optionVariable(spec.flags);
    const isFlag = env[variable] !== (typeof value === 'object' ? value.join('\n') : String(value));
    return [
      given(path, typeof value === 'object' ? [...value] : value, isFlag, isFlag ? longFlag(spec.flags) : variable),
    ];
  });
  const set = texts(options, 'set').map((text) => text.split('=', 1)[0] ?? '');
  const variables = Object.keys(env).flatMap((variable) => inputOfEnvName(variable) ?? []);
  const ofInputs = [...new Set([...set, ...variables])].map((name): GivenSetting => {
    const flag = texts(options, 'set').findLast((text) => text.startsWith(`${name}=`));
    const value = flag === undefined ? (env[envNameOf(name)] ?? '') : flag.slice(name.length + 1);
    // Only the manifests tell whether it fills a Secret, and they are not read here.
    const shown = config.inputs[name]?.secret === false ? value : '****';
    return given(['inputs', name, 'value'], shown, flag !== undefined, flag === undefined ? envNameOf(name) : '--set');
  });
  return [...ofFlags, ...ofInputs];
}

function given(path: readonly string[], value: Json, isFlag: boolean, detail: string): GivenSetting {
  return { path, value, source: isFlag ? 'flag' : 'env', detail };
}
