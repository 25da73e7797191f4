import type { Environment } from '../context.ts';
import { DeployError } from '../errors.ts';
import type { Command, OptionSpec, Options } from './command.ts';
import { globalOptions, longFlag, optionName, optionVariable } from './options.ts';

interface Completed {
  readonly merged: Options;
  /** The flags whose values variables gave, as they are typed. */
  readonly fromVariables: readonly string[];
}

/**
 * The flags of a run; one on the command line wins over its variable.
 *
 * @throws DeployError `usage` for a variable whose value is none of its flag.
 */
export function withEnvironment(options: Options, command: Command, env: Environment): Completed {
  const merged: Record<string, Options[string]> = { ...options };
  const fromVariables: string[] = [];
  for (const spec of [...command.options, ...globalOptions]) {
    const name = optionName(spec.flags);
    const value = env[optionVariable(spec.flags)];
    const given = spec.flags.includes('--no-') ? merged[name] === false : merged[name] !== undefined;
    if (value === undefined || value === '' || given) continue;
    merged[name] = fromVariable(spec, value);
    fromVariables.push(longFlag(spec.flags));
  }
  return { merged, fromVariables };
}

function fromVariable(spec: OptionSpec, value: string): Options[string] {
  if (spec.repeatable === true) return value.split('\n').filter((line) => line !== '');
  const variable = optionVariable(spec.flags);
  // A value that may be left out: 1 and 0 are for the flag without one.
  if (spec.flags.includes('[') && !/^(1|0|true|false)$/.test(value)) return value;
  if (spec.flags.includes('<')) {
    if (spec.choices === undefined || spec.choices.includes(value)) return value;
    throw new DeployError('usage', `${variable} is ${JSON.stringify(value)}.`, {
      fix: `Set it to one of: ${spec.choices.join(', ')}.`,
    });
  }
  if (!/^(1|0|true|false)$/.test(value)) {
    throw new DeployError('usage', `${variable} is ${JSON.stringify(value)}.`, { fix: 'Set it to 1 or 0.' });
  }
  const isOn = value === '1' || value === 'true';
  return spec.flags.includes('--no-') ? !isOn : isOn || undefined;
}
