import type { Config } from '../config/schema.ts';
import type { Environment } from '../context.ts';
import type { PlanningRequest } from '../deploy/planning.ts';
import type { PlaceFlags } from '../events.ts';
import { shellQuoted } from '../model/text.ts';
import type { OptionSpec, Options } from './command.ts';
import { deployImageOptions, imageOptions } from './image-flags.ts';
import { clusterOptions, inputOptions, longFlag, optionName, optionVariable, text, texts } from './options.ts';
import { applicationOption } from './owner-options.ts';
import { preflightOption, pruneOptions } from './release-flags.ts';

/** Said once, and not again: what is taken over, or left behind, is decided anew. */
const ofOneRun: ReadonlySet<string> = new Set(['forceConflicts']);

const short: Readonly<Record<string, string>> = { namespace: '-n', manifests: '-f' };

/** The flags of this run that a next command needs; what a variable of the shell says is there for it, too. */
export function nextFlags(
  options: Options,
  { config, target }: Pick<PlanningRequest, 'config' | 'target'>,
  env: Environment,
): PlaceFlags {
  const all = [...inputOptions, ...imageOptions, ...clusterOptions];
  const flagsOf = (...names: readonly string[]): string =>
    all
      .filter(({ flags }) => names.includes(optionName(flags)))
      .map((spec) => given(spec, options, env))
      .join('');
  const where = flagsOf(...placeNames(options, config));
  // The namespace that manifests name is known only to who gets them.
  const isImplied = config.origin === 'manifests' && text(options, 'namespace') === undefined;
  const kubeconfig = target.sandbox ?? target.kubeconfig;
  const look =
    flagsOf('config', 'env', 'namespace') + (isImplied ? ` -n ${shellQuoted(config.namespace)}` : '') + where;
  const isDefault = kubeconfig === undefined || kubeconfig === env.KUBECONFIG;
  return {
    deploy: [...inputOptions, ...deployImageOptions, ...clusterOptions]
      .filter(({ flags }) => !ofOneRun.has(optionName(flags)) && !isStdin(optionName(flags), options))
      .map((spec) => given(spec, options, env))
      .join(''),
    verify: flagsOf('config', 'env', 'namespace', 'manifests', 'with', 'image', 'tag') + where,
    look,
    owner: look + given(applicationOption, options, env),
    kubectl: (isDefault ? '' : ` --kubeconfig ${shellQuoted(kubeconfig)}`) + flagsOf('context'),
  };
}

/** Standard input can't be read again. */
function isStdin(name: string, options: Options): boolean {
  return name === 'outputsFile' && text(options, name) === '-';
}

/** The flags of this run with which `up` makes the same plan again. */
export function planFlags(options: Options, env: Environment): string {
  const all = [...inputOptions, ...deployImageOptions, ...clusterOptions, ...pruneOptions, preflightOption];
  return all.map((spec) => given(spec, options, env)).join('');
}

/** A flag as it was given, with a space before it; nothing where it wasn't, or where a variable says it. */
function given({ flags }: OptionSpec, options: Options, env: Environment): string {
  const name = optionName(flags);
  const flag = short[name] ?? longFlag(flags);
  const variable = optionVariable(flags);
  const isOff = flag.startsWith('--no-');
  if (options[name] === !isOff) return env[variable] === undefined ? ` ${flag}` : '';
  const value = text(options, name);
  const values = value === undefined ? texts(options, name) : [value];
  return env[variable] === values.join('\n') ? '' : values.map((one) => ` ${flag} ${shellQuoted(one)}`).join('');
}

/** As few as name the same cluster: where a flag names it, Terraform is asked only if the configuration says so. */
function placeNames(options: Options, { terraform }: Config): readonly string[] {
  if (options['sandbox'] !== undefined) return ['sandbox'];
  const ofTerraform = ['terraformDir', 'terraformBin', 'outputsFile'].filter((name) => !isStdin(name, options));
  const isAskedAnyway = terraform.dir !== undefined || terraform.outputs !== undefined;
  const byName = ['kubeconfig', 'context', 'cluster'].some((name) => options[name] !== undefined);
  return ['kubeconfig', 'context', 'cluster', 'region', 'profile', ...(byName && !isAskedAnyway ? [] : ofTerraform)];
}
