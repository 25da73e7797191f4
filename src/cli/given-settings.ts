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

/** The inputs that flags and variables of this run give a value. */
export function givenInputs(options: Options, env: Environment): readonly string[] {
  const set = texts(options, 'set').map((text) => text.split('=', 1)[0] ?? '');
  return [...new Set([...set, ...Object.keys(env).flatMap((variable) => inputOfEnvName(variable) ?? [])])];
}

/** What flags and variables of this run say of the configuration; of inputs, the values of those that may be shown. */
export function givenSettings(
  options: Options,
  specs: readonly OptionSpec[],
  shown: ReadonlySet<string>,
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
  const ofInputs = givenInputs(options, env).map((name): GivenSetting => {
    const flag = texts(options, 'set').findLast((text) => text.startsWith(`${name}=`));
    const value = flag === undefined ? (env[envNameOf(name)] ?? '') : flag.slice(name.length + 1);
    const said = shown.has(name) ? value : '****';
    return given(['inputs', name, 'value'], said, flag !== undefined, flag === undefined ? envNameOf(name) : '--set');
  });
  return [...ofFlags, ...ofInputs];
}

function given(path: readonly string[], value: Json, isFlag: boolean, detail: string): GivenSetting {
  return { path, value, source: isFlag ? 'flag' : 'env', detail };
}
