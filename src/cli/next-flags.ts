import type { Config } from '../config/schema.ts';
import type { Environment } from '../context.ts';
import type { PlanningRequest } from '../deploy/planning.ts';
import { shellQuoted } from '../model/text.ts';
import type { NextFlags } from '../ui/summary.ts';
import type { Options } from './command.ts';
import { imageOptions } from './image-flags.ts';
import { clusterOptions, inputOptions, longFlag, optionName, optionVariable, text, texts } from './options.ts';

const short: Readonly<Record<string, string>> = { namespace: '-n', manifests: '-f' };

/** The flags of this run that a next command needs; what a variable of the shell says is there for it, too. */
export function nextFlags(
  options: Options,
  { config, target }: Pick<PlanningRequest, 'config' | 'target'>,
  env: Environment,
): NextFlags {
  const given = (spec: { readonly flags: string }): string => {
    const name = optionName(spec.flags);
    const flag = short[name] ?? longFlag(spec.flags);
    const variable = optionVariable(spec.flags);
    if (options[name] === true) return env[variable] === undefined ? ` ${flag}` : '';
    const value = text(options, name);
    const values = value === undefined ? texts(options, name) : [value];
    return env[variable] === values.join('\n') ? '' : values.map((one) => ` ${flag} ${shellQuoted(one)}`).join('');
  };
  const all = [...inputOptions, ...imageOptions, ...clusterOptions];
  const flagsOf = (...names: readonly string[]): string =>
    all
      .filter(({ flags }) => names.includes(optionName(flags)))
      .map(given)
      .join('');
  const where = flagsOf(...placeNames(options, config));
  // The namespace that manifests name is known only to who gets them.
  const isImplied = config.origin === 'manifests' && text(options, 'namespace') === undefined;
  const kubeconfig = target.sandbox ?? target.kubeconfig;
  const isDefault = kubeconfig === undefined || kubeconfig === env.KUBECONFIG;
  return {
    verify: flagsOf('config', 'env', 'namespace', 'manifests', 'with', 'image', 'tag') + where,
    look: flagsOf('config', 'env', 'namespace') + (isImplied ? ` -n ${shellQuoted(config.namespace)}` : '') + where,
    kubectl: (isDefault ? '' : ` --kubeconfig ${shellQuoted(kubeconfig)}`) + flagsOf('context'),
  };
}

/** As few as name the same cluster: where a flag names it, Terraform is asked only if the configuration says so. */
function placeNames(options: Options, { terraform }: Config): readonly string[] {
  if (options['sandbox'] !== undefined) return ['sandbox'];
  // Standard input can't be read again.
  const ofTerraform = ['terraformDir', 'terraformBin', ...(options['outputsFile'] === '-' ? [] : ['outputsFile'])];
  const isAskedAnyway = terraform.dir !== undefined || terraform.outputs !== undefined;
  const byName = ['kubeconfig', 'context', 'cluster'].some((name) => options[name] !== undefined);
  return ['kubeconfig', 'context', 'cluster', 'region', 'profile', ...(byName && !isAskedAnyway ? [] : ofTerraform)];
}
